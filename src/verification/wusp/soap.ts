import { PermanentError, RetryableError } from '../../core/errors.js';
import {
  childElements,
  childOf,
  element,
  parseXml,
  textOf,
  writeXml,
  type XmlElement,
  type XmlNode,
} from '../../text/xml/index.js';
import type { WuspTransport } from './transport.js';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const ROOT = 'http://www.microsoft.com/SoftwareDistribution';

/** The three services of [MS-WUSP] 2.1, below the server's address. */
export const SERVICES = {
  client: { path: '/ClientWebService/client.asmx', namespace: `${ROOT}/Server/ClientWebService` },
  simpleAuth: {
    path: '/SimpleAuthWebService/SimpleAuth.asmx',
    namespace: `${ROOT}/Server/SimpleAuthWebService`,
  },
  reporting: { path: '/ReportingWebService/ReportingWebService.asmx', namespace: ROOT },
} as const;
export interface Service {
  readonly path: string;
  readonly namespace: string;
}

/** A SOAP fault of the server: its ErrorCode and what it says ([MS-WUSP] 2.2.2.4). */
export class WuspFault extends PermanentError {
  constructor(
    readonly faultCode: string,
    detail: string,
    operation: string,
    where: string,
  ) {
    super('target.refused', `the update server answers ${operation} with a fault`, {
      where,
      found: `${faultCode}${detail === '' ? '' : ` (${detail})`}`,
      nextStep: NEXT_STEP[faultCode] ?? "look at the update server's log",
    });
  }
}

const NEXT_STEP: Readonly<Record<string, string>> = {
  // 400 ids are accepted, 401 are not: too many categories and detectoids that something depends on.
  InvalidParameters: 'decline updates and remove products that clients do not need, then scan again',
};

/** Elements of one service's namespace; null children are left out. */
export function elements(service: Service) {
  const name = { prefix: '', namespace: service.namespace };
  return (localName: string, ...children: readonly (XmlNode | null)[]): XmlElement =>
    element(
      name,
      localName,
      {},
      children.filter((child) => child !== null),
    );
}

/**
 * One call; returns the response element. Throws WuspFault, RetryableError `cmg.unreachable` (InternalServerError, ServerBusy, and 5xx
 * without a fault), PermanentError `target.refused` (403 and other statuses) or `protocol.violation`.
 */
export async function callService(
  transport: WuspTransport,
  base: string,
  service: Service,
  operation: string,
  parameters: readonly (XmlNode | null)[],
): Promise<XmlElement> {
  const name = { prefix: 's', namespace: SOAP };
  const request = elements(service)(operation, ...parameters);
  const envelope = element(name, 'Envelope', {}, [element(name, 'Body', {}, [request])]);
  const address = `${base}${service.path}`;
  const answer = await transport.post(
    address,
    {
      'content-type': 'text/xml; charset=utf-8',
      soapaction: `"${service.namespace}/${operation}"`,
      'user-agent': 'Windows-Update-Agent/1507.2601.30012.0 Client-Protocol/2.90',
    },
    writeXml(envelope, { emptyEnd: '/>' }),
  );
  if (answer.status !== 200 && answer.status !== 500) throw refused(address, answer.status, answer.body);
  const body = readBody(answer.body, address, answer.status);
  if (body.localName === 'Fault') throw faultOf(body, operation, address);
  if (body.localName !== `${operation}Response` || body.namespace !== service.namespace) {
    throw violation(address, `${operation}Response`, body.localName);
  }
  return body;
}

function readBody(bytes: Buffer, address: string, status: number): XmlElement {
  if (status === 500 && !bytes.includes('Envelope')) throw refused(address, status, bytes);
  const root = parseXml(bytes, { where: address, maxBytes: 32 << 20 });
  const body = childOf(root, 'Body');
  const content = body === null ? null : (childElements(body)[0] ?? null);
  if (root.localName !== 'Envelope' || root.namespace !== SOAP || content === null) {
    throw violation(address, 'a SOAP 1.1 envelope', root.localName);
  }
  return content;
}

function faultOf(fault: XmlElement, operation: string, where: string): Error {
  const code = textAt(fault, 'detail', 'ErrorCode')?.trim() ?? 'unknown';
  // Who is no update server has no such detail: then its own words are all there is.
  const words = code === 'unknown' ? textAt(fault, 'faultstring') : textAt(fault, 'detail', 'Message');
  const detail = (words?.trim() ?? '').slice(0, 500);
  if (code !== 'InternalServerError' && code !== 'ServerBusy') {
    return new WuspFault(code, detail, operation, where);
  }
  return new RetryableError('cmg.unreachable', `the update server failed in ${operation}`, {
    where,
    found: detail === '' ? code : `${code} (${detail})`,
    nextStep: "it is tried again; if it lasts, look at the update server's log",
  });
}

function refused(address: string, status: number, body: Buffer): Error {
  const details = {
    where: address,
    expected: 'status 200',
    found: `status ${status}: ${body.toString('utf8', 0, 200).trim()}`,
  };
  return status >= 500
    ? new RetryableError('cmg.unreachable', 'the update server does not answer', details)
    : new PermanentError('target.refused', 'the update server refuses this client', {
        ...details,
        nextStep:
          "check the client's certificate or token and the address, and that the software update point allows traffic of the CMG",
      });
}

export function violation(where: string, expected: string, found: string): PermanentError {
  return new PermanentError('protocol.violation', 'the update server answers in another form', {
    where,
    expected,
    found,
  });
}

/** The text at a path of local names, or null. */
export function textAt(from: XmlElement | null, ...path: readonly string[]): string | null {
  const at = elementAt(from, ...path);
  return at === null ? null : textOf(at);
}

export function elementAt(from: XmlElement | null, ...path: readonly string[]): XmlElement | null {
  let at = from;
  for (const step of path) at = at === null ? null : childOf(at, step);
  return at;
}

/** The elements of a list that may be absent, which means empty. */
export function listAt(from: XmlElement, ...path: readonly string[]): readonly XmlElement[] {
  const list = elementAt(from, ...path);
  return list === null ? [] : childElements(list);
}

/** `xsd:boolean`, which has two ways to be written. */
export function isTrue(text: string | null): boolean {
  return text?.trim() === 'true' || text?.trim() === '1';
}

/** A text that has to be there. PermanentError `protocol.violation`. */
export function requiredText(text: string | null, where: string, name: string): string {
  if (text === null || text === '') throw violation(where, name, 'nothing');
  return text;
}
