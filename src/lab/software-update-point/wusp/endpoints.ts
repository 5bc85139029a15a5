import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { XmlElement } from '../../../text/xml/index.js';
import { RequestRefused, readBody, send } from '../http.js';
import type { ServedCatalogue } from './catalogue.js';
import { startCategoryScan } from './category-scan.js';
import type { ClientSession, Cookies } from './cookies.js';
import { getExtendedUpdateInfo, getExtendedUpdateInfo2, getFileLocations } from './extended-info.js';
import { SoapFault } from './faults.js';
import { getAuthorizationCookie, getConfig, getCookie, registerComputer } from './handshake.js';
import { type ReportedEvent, reportEventBatch } from './reports.js';
import {
  builder,
  type EnvelopeStyle,
  readEnvelope,
  type SoapAnswer,
  type SoapCall,
  writeEnvelope,
  writeFault,
} from './soap.js';
import { refreshCache } from './refresh-cache.js';
import { syncUpdates } from './sync-updates.js';

const MAX_REQUEST_BYTES = 4 << 20;
const SERVER = 'http://www.microsoft.com/SoftwareDistribution';

/** What the endpoints need of the server. */
export interface WuspServer {
  readonly serverName: string;
  readonly contentBase: string;
  /** When the configuration was last changed: `GetConfig/LastChange`. ISO 8601. */
  readonly configuredAt: string;
  readonly cookies: Cookies;
  now(): Date;
  catalogue(): ServedCatalogue;
  register(clientId: string, dnsName: string, osDescription: string): void;
  record(events: readonly ReportedEvent[]): void;
  /** What a computer has been told of until; null: nothing is known of it. ISO 8601. */
  toldUntil(clientId: string): string | null;
  told(session: ClientSession): void;
  /** Told of what a client only sees as InternalServerError. */
  onFault(error: unknown): void;
}

type Operation = (server: WuspServer, call: SoapCall) => XmlElement | SoapAnswer;

interface Endpoint {
  readonly namespace: string;
  readonly style: EnvelopeStyle;
  readonly operations: Readonly<Record<string, Operation>>;
}

const client = builder(`${SERVER}/Server/ClientWebService`);
const simpleAuth = builder(`${SERVER}/Server/SimpleAuthWebService`);
const reporting = builder(SERVER);

/** Paths in lower case: IIS does not tell cases apart. */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/clientwebservice/client.asmx': {
    namespace: `${SERVER}/Server/ClientWebService`,
    style: 'wcf',
    operations: {
      GetConfig: (server) => getConfig(client, server),
      GetCookie: (server, call) => getCookie(client, call.parameters, { ...server, now: server.now() }),
      RegisterComputer: (server, call) =>
        registerComputer(client, call.parameters, { ...server, now: server.now() }),
      StartCategoryScan: (server, call) => startCategoryScan(client, call.parameters, server.catalogue()),
      RefreshCache: (server, call) => refreshCache(client, call.parameters, scene(server)),
      SyncUpdates: (server, call) => syncUpdates(client, call.parameters, scene(server)),
      GetExtendedUpdateInfo: (server, call) => getExtendedUpdateInfo(client, call.parameters, scene(server)),
      GetExtendedUpdateInfo2: (server, call) =>
        getExtendedUpdateInfo2(client, call.parameters, scene(server)),
      GetFileLocations: (server, call) => getFileLocations(client, call.parameters, scene(server)),
    },
  },
  '/simpleauthwebservice/simpleauth.asmx': {
    namespace: `${SERVER}/Server/SimpleAuthWebService`,
    style: 'asmx',
    operations: {
      GetAuthorizationCookie: (server, call) =>
        getAuthorizationCookie(simpleAuth, call.parameters, server.cookies),
    },
  },
  '/reportingwebservice/reportingwebservice.asmx': {
    namespace: SERVER,
    style: 'asmx',
    operations: {
      ReportEventBatch: (server, call) =>
        reportEventBatch(reporting, call.parameters, { ...server, now: server.now() }),
    },
  },
};

function scene(server: WuspServer) {
  return {
    cookies: server.cookies,
    contentBase: server.contentBase,
    catalogue: server.catalogue(),
    now: server.now(),
    told: (session: ClientSession) => server.told(session),
  };
}

export function isWuspPath(path: string): boolean {
  return ENDPOINTS[path.toLowerCase()] !== undefined;
}

/** Answers one SOAP request; faults travel with status 500 and close the connection, as recorded. */
export async function answerWusp(
  server: WuspServer,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const endpoint = ENDPOINTS[path.toLowerCase()];
  if (endpoint === undefined) throw new RequestRefused(404, 'no such service');
  if (request.method !== 'POST') throw new RequestRefused(405, 'a SOAP service takes POST');
  const action = String(request.headers.soapaction ?? '');
  const body = await readBody(request, MAX_REQUEST_BYTES);
  try {
    const call = checkedCall(endpoint, body, action);
    const answer = call.operation(server, call.call);
    answerXml(response, 200, writeEnvelope(endpoint.style, answer), {});
  } catch (error) {
    if (!(error instanceof SoapFault)) server.onFault(error);
    const fault = error instanceof SoapFault ? error : new SoapFault('Server', 'InternalServerError', '');
    answerXml(response, 500, writeFault(fault, action, randomUUID()), { connection: 'close' });
  }
}

function checkedCall(
  endpoint: Endpoint,
  body: Buffer,
  action: string,
): { call: SoapCall; operation: Operation } {
  const call = readEnvelope(body);
  const operation = Object.hasOwn(endpoint.operations, call.operation)
    ? endpoint.operations[call.operation]
    : undefined;
  const expected = `${endpoint.namespace}/${call.operation}`;
  // [SOAP 1.1] 6.1.1 has it in quotation marks; services of IIS take it without.
  const isMeant = action.trim().replace(/^"(.*)"$/, '$1') === expected;
  if (operation === undefined || call.namespace !== endpoint.namespace || !isMeant) {
    throw new SoapFault('Client', 'InvalidParameters', 'SOAPAction');
  }
  return { call, operation };
}

function answerXml(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  send(response, {
    status,
    headers: { 'cache-control': 'private', 'content-type': 'text/xml; charset=utf-8', ...headers },
    body,
  });
}
