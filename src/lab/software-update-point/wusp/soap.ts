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
/** Of `xsd:int`. */
const MAX_INT = 0x7fffffff;

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
    return parseXml(withJoinedNumbers(body), {
      where: 'SOAP request',
      maxBytes: body.length + 1,
      maxDepth: 24,
      maxAttributes: 32,
    });
  } catch {
    throw new SoapFault('Client', 'InvalidParameters', 'Envelope');
  }
}

/**
 * An agent names every revision that it has: thousands of `<int>` in each request, which took most of the time of a scan as
 * elements. Neighbours become one element with all their numbers, as `integersAt` reads them; byte for byte, so that the
 * encoding is still the reader's to judge. Not where `<!` may hide markup that is text.
 */
function withJoinedNumbers(body: Buffer): Buffer {
  if (body.includes('<!')) return body;
  return Buffer.from(body.toString('latin1').replace(/<\/((?:[\w.-]+:)?int)><\1>/g, ' '), 'latin1');
}

/** `client.asmx` answers as WCF does, the two older services as ASMX does: another prefix, a declaration. */
export type EnvelopeStyle = 'wcf' | 'asmx';

/** An answer, some of whose empty elements are filled with text that was written before. */
export interface SoapAnswer {
  readonly root: XmlElement;
  /** By the name of the element. */
  readonly written: Readonly<Record<string, readonly string[]>>;
}

export function writeEnvelope(style: EnvelopeStyle, answer: XmlElement | SoapAnswer): string {
  if (!('written' in answer)) return writeDocument(style, answer);
  return Object.entries(answer.written).reduce(
    // No text of an answer can look like the element: there it would be escaped.
    (text, [name, parts]) => text.replace(`<${name}/>`, () => `<${name}>${parts.join('')}</${name}>`),
    writeDocument(style, answer.root),
  );
}

function writeDocument(style: EnvelopeStyle, answer: XmlElement): string {
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
  const texts = childElements(list).map((item) => textOf(item).trim());
  const numbers = texts.flatMap((text) => text.split(/\s+/).map(Number));
  const isFaulty = texts.some((text) => !/^[\d\s-]+$/.test(text));
  if (isFaulty || numbers.some((number) => !(Math.abs(number) <= MAX_INT))) {
    throw new SoapFault('Client', 'InvalidParameters', parameter);
  }
  return numbers;
}

export function stringsAt(from: XmlElement, array: string): readonly string[] {
  const list = childOf(from, array);
  return list === null ? [] : childElements(list).map((item) => textOf(item).trim());
}
