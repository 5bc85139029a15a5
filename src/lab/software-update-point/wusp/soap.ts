import {
  childElements,
  childOf,
  element,
  parseXml,
  textOf,
  writeXml,
  type XmlElement,
  type XmlNode,
  XSI,
} from '../../../text/xml/index.js';
import { SoapFault } from './faults.js';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const XSD = 'http://www.w3.org/2001/XMLSchema';

/** A request: the operation's element, first child of the body. */
export interface SoapCall {
  readonly operation: string;
  readonly namespace: string;
  readonly parameters: XmlElement;
}

/** Reads a SOAP 1.1 envelope. What is no envelope, or hostile XML, becomes a SoapFault. */
export function readEnvelope(body: Buffer): SoapCall {
  const root = parseEnvelope(body);
  const call = childOf(root, 'Body');
  const parameters = call === null || call.namespace !== SOAP ? null : (childElements(call)[0] ?? null);
  if (root.localName !== 'Envelope' || root.namespace !== SOAP || parameters === null) {
    throw new SoapFault('Client', 'InvalidParameters', 'Envelope');
  }
  return { operation: parameters.localName, namespace: parameters.namespace, parameters };
}

function parseEnvelope(body: Buffer): XmlElement {
  try {
    return parseXml(body, {
      where: 'SOAP request',
      maxBytes: body.length + 1,
      maxDepth: 24,
      maxAttributes: 32,
    });
  } catch {
    throw new SoapFault('Client', 'InvalidParameters', 'Envelope');
  }
}

/** `client.asmx` answers as WCF does, the two older services as ASMX does: another prefix, a declaration. */
export type EnvelopeStyle = 'wcf' | 'asmx';

export function writeEnvelope(style: EnvelopeStyle, answer: XmlElement): string {
  const schemas = [
    { prefix: 'xsi', namespace: XSI },
    { prefix: 'xsd', namespace: XSD },
  ];
  if (style === 'wcf') {
    const name = { prefix: 's', namespace: SOAP };
    const body = { ...element(name, 'Body', {}, [answer]), declarations: schemas };
    return writeXml(element(name, 'Envelope', {}, [body]), { emptyEnd: '/>' });
  }
  const name = { prefix: 'soap', namespace: SOAP };
  const envelope = {
    ...element(name, 'Envelope', {}, [element(name, 'Body', {}, [answer])]),
    declarations: [{ prefix: 'soap', namespace: SOAP }, ...schemas],
  };
  return `<?xml version="1.0" encoding="utf-8"?>${writeXml(envelope, { emptyEnd: '/>' })}`;
}

/** [MS-WUSP] 2.2.2.4: the children of `detail` are in no namespace; Method repeats the quoted SOAPAction. */
export function writeFault(fault: SoapFault, method: string, id: string): string {
  const name = { prefix: 's', namespace: SOAP };
  const plain = { prefix: '', namespace: '' };
  const text = (localName: string, value: string) => element(plain, localName, {}, [value]);
  const detail = element(plain, 'detail', {}, [
    text('ErrorCode', fault.code),
    text('Message', fault.message),
    text('ID', id),
    text('Method', method),
  ]);
  const body = element(name, 'Fault', {}, [
    text('faultcode', `s:${fault.party}`),
    text('faultstring', 'Fault occurred'),
    detail,
  ]);
  return writeXml(element(name, 'Envelope', {}, [element(name, 'Body', {}, [body])]), { emptyEnd: '/>' });
}

/** Builds elements of one namespace, which is declared once, on the outermost. */
export function builder(namespace: string) {
  const name = { prefix: '', namespace };
  return (localName: string, ...children: readonly (XmlNode | null)[]): XmlElement =>
    element(
      name,
      localName,
      {},
      children.filter((child) => child !== null),
    );
}
export type Build = ReturnType<typeof builder>;

export function textAt(from: XmlElement, ...path: readonly string[]): string | null {
  let at: XmlElement | null = from;
  for (const step of path) {
    at = childOf(at, step);
    if (at === null) return null;
  }
  return textOf(at);
}

/** `xsd:boolean` has two ways to write it. */
export function isTrue(text: string | null): boolean {
  return /^\s*(true|1)\s*$/.test(text ?? '');
}

/** The list of `int` inside the named array; an absent array means empty. SoapFault for what is no number. */
export function integersAt(from: XmlElement | null, array: string, parameter: string): readonly number[] {
  const list = from === null ? null : childOf(from, array);
  if (list === null) return [];
  return childElements(list).map((item) => {
    const text = textOf(item).trim();
    if (!/^-?\d{1,10}$/.test(text)) throw new SoapFault('Client', 'InvalidParameters', parameter);
    return Number(text);
  });
}

export function stringsAt(from: XmlElement, array: string): readonly string[] {
  const list = childOf(from, array);
  return list === null ? [] : childElements(list).map((item) => textOf(item).trim());
}
