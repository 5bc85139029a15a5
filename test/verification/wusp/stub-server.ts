import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

const ROOT = 'http://www.microsoft.com/SoftwareDistribution';
export const CLIENT = `${ROOT}/Server/ClientWebService`;

/** What a test's server is asked. */
export interface Asked {
  readonly operation: string;
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A whole answer, or what is done with the response. */
export type Reply = string | ((response: ServerResponse) => void);

/** A server of one test on loopback that says what it is told to, and keeps what it was asked. */
export async function stubServer(
  t: TestContext,
  reply: (asked: Asked) => Reply,
  tls?: ServerOptions,
): Promise<{ readonly base: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const listener: RequestListener = (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const action = String(request.headers.soapaction ?? '');
      const one = {
        operation: /\/(\w+)"$/.exec(action)?.[1] ?? request.method ?? '',
        path: request.url ?? '',
        body: Buffer.concat(pieces).toString('utf8'),
        headers: request.headers,
      };
      asked.push(one);
      const answer = reply(one);
      if (typeof answer === 'function') answer(response);
      else
        response
          .writeHead(answer.includes(':Fault>') ? 500 : 200, { 'content-type': 'text/xml' })
          .end(answer);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { base: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`, asked };
}

export function envelope(content: string): string {
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${content}</s:Body></s:Envelope>`;
}

/** A fault as recorded: [MS-WUSP] 2.2.2.4. */
export function fault(code: string, message = ''): string {
  return envelope(
    `<s:Fault><faultcode>s:Client</faultcode><faultstring>Fault occurred</faultstring><detail><ErrorCode>${code}</ErrorCode>` +
      `<Message>${message}</Message><ID>81418b4e-82c1-48d0-9504-da01db6148ae</ID><Method>"x"</Method></detail></s:Fault>`,
  );
}

const COOKIE = '<Expiration>2030-01-01T00:00:00Z</Expiration><EncryptedData>QUJD</EncryptedData>';

export interface StubUpdate {
  readonly id: number;
  readonly core: string;
  readonly action?: string;
  readonly isLeaf?: boolean;
}

export function syncAnswer(
  updates: readonly StubUpdate[],
  rest: { readonly before?: string; readonly isTruncated?: boolean } = {},
): string {
  const infos = updates.map(
    ({ id, core, action = 'Install', isLeaf = true }) =>
      `<UpdateInfo><ID>${id}</ID><Deployment><ID>${id + 7}</ID><Action>${action}</Action><IsAssigned>true</IsAssigned>` +
      `<LastChangeTime>2026-10-04</LastChangeTime></Deployment><IsLeaf>${isLeaf}</IsLeaf><Xml>${escaped(core)}</Xml></UpdateInfo>`,
  );
  const list = infos.length === 0 ? '' : `<NewUpdates>${infos.join('')}</NewUpdates>`;
  return envelope(
    `<SyncUpdatesResponse xmlns="${CLIENT}"><SyncUpdatesResult>${list}${rest.before ?? ''}<Truncated>${rest.isTruncated ?? false}</Truncated>` +
      `<NewCookie>${COOKIE}</NewCookie><DriverSyncNotNeeded>true</DriverSyncNotNeeded></SyncUpdatesResult></SyncUpdatesResponse>`,
  );
}

export function extendedAnswer(
  fragments: readonly { readonly id: number; readonly xml: string }[],
  locations: readonly { readonly digest: string; readonly url: string }[] = [],
): string {
  const updates = fragments.map(({ id, xml }) => `<Update><ID>${id}</ID><Xml>${escaped(xml)}</Xml></Update>`);
  const places = locations.map(
    ({ digest, url }) =>
      `<FileLocation><FileDigest>${digest}</FileDigest><Url>${escaped(url)}</Url></FileLocation>`,
  );
  return envelope(
    `<GetExtendedUpdateInfoResponse xmlns="${CLIENT}"><GetExtendedUpdateInfoResult><Updates>${updates.join('')}</Updates>` +
      `<FileLocations>${places.join('')}</FileLocations></GetExtendedUpdateInfoResult></GetExtendedUpdateInfoResponse>`,
  );
}

/** What is the same for every server: the handshake, and reports that are taken. */
export function usual({ operation }: Asked): string {
  const answers: Readonly<Record<string, string>> = {
    GetConfig:
      `<GetConfigResponse xmlns="${CLIENT}"><GetConfigResult><LastChange>2026-10-04T13:17:07.59Z</LastChange>` +
      '<IsRegistrationRequired>true</IsRegistrationRequired><AuthInfo><AuthPlugInInfo><PlugInID>SimpleTargeting</PlugInID>' +
      '<ServiceUrl>SimpleAuthWebService/SimpleAuth.asmx</ServiceUrl><Parameter/></AuthPlugInInfo></AuthInfo>' +
      '<Properties><ConfigurationProperty><Name>MaxExtendedUpdatesPerRequest</Name><Value>2</Value></ConfigurationProperty>' +
      '</Properties></GetConfigResult></GetConfigResponse>',
    GetAuthorizationCookie:
      `<GetAuthorizationCookieResponse xmlns="${ROOT}/Server/SimpleAuthWebService"><GetAuthorizationCookieResult>` +
      '<PlugInId>SimpleTargeting</PlugInId><CookieData>QUJD</CookieData></GetAuthorizationCookieResult></GetAuthorizationCookieResponse>',
    GetCookie: `<GetCookieResponse xmlns="${CLIENT}"><GetCookieResult>${COOKIE}</GetCookieResult></GetCookieResponse>`,
    RegisterComputer: `<RegisterComputerResponse xmlns="${CLIENT}"/>`,
    ReportEventBatch: `<ReportEventBatchResponse xmlns="${ROOT}"><ReportEventBatchResult>true</ReportEventBatchResult></ReportEventBatchResponse>`,
  };
  return envelope(answers[operation] ?? '');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
