import { randomUUID } from 'node:crypto';
import { type Agent, request } from 'node:http';

const ROOT = 'http://www.microsoft.com/SoftwareDistribution';
const CLIENT = { path: '/ClientWebService/client.asmx', namespace: `${ROOT}/Server/ClientWebService` };
const AUTH = {
  path: '/SimpleAuthWebService/SimpleAuth.asmx',
  namespace: `${ROOT}/Server/SimpleAuthWebService`,
};

/** What all clients together have done. */
export interface Tally {
  requests: number;
  receivedBytes: number;
  readonly latenciesMs: number[];
}

/** A computer that does as little as it can: it takes every category for installed, and evaluates nothing. */
export async function scanOnce(port: number, agent: Agent, tally: Tally): Promise<number> {
  const ask = (operation: string, body: string, service = CLIENT) =>
    call(port, agent, tally, service, operation, body);
  const config = await ask('GetConfig', '<protocolVersion>2.90</protocolVersion>');
  const identity = `<clientId>${randomUUID()}</clientId><dnsName>bench.lab</dnsName>`;
  const granted = await ask('GetAuthorizationCookie', identity, AUTH);
  const authorization = `<authCookies><AuthorizationCookie><PlugInId>SimpleTargeting</PlugInId><CookieData>${valueIn(granted, 'CookieData')}</CookieData></AuthorizationCookie></authCookies>`;
  const opened = await ask(
    'GetCookie',
    `${authorization}<lastChange>${valueIn(config, 'LastChange')}</lastChange><currentTime>${new Date().toISOString()}</currentTime><protocolVersion>2.90</protocolVersion>`,
  );
  let cookie = cookieIn(opened);
  await ask('RegisterComputer', `${cookie}<computerInfo><DnsName>bench.lab</DnsName></computerInfo>`);
  const [installed, others]: [string[], string[]] = [[], []];
  for (;;) {
    const lists = `${listOf('InstalledNonLeafUpdateIDs', installed)}${listOf('OtherCachedUpdateIDs', others)}`;
    const page = await ask(
      'SyncUpdates',
      `${cookie}<parameters><ExpressQuery>false</ExpressQuery>${lists}<SkipSoftwareSync>false</SkipSoftwareSync></parameters>`,
    );
    const told = [...page.matchAll(/<UpdateInfo><ID>(\d+)<.*?<IsLeaf>(\w+)</gs)];
    if (told.length === 0) return installed.length + others.length;
    for (const [, id = '', isLeaf] of told) (isLeaf === 'true' ? others : installed).push(id);
    cookie = cookieIn(page);
  }
}

const valueIn = (xml: string, name: string) => new RegExp(`<${name}>([^<]*)<`).exec(xml)?.[1] ?? '';
const cookieIn = (xml: string) =>
  `<cookie><Expiration>${valueIn(xml, 'Expiration')}</Expiration><EncryptedData>${valueIn(xml, 'EncryptedData')}</EncryptedData></cookie>`;
const listOf = (name: string, ids: readonly string[]) =>
  ids.length === 0 ? '' : `<${name}>${ids.map((id) => `<int>${id}</int>`).join('')}</${name}>`;

function call(
  port: number,
  agent: Agent,
  tally: Tally,
  { path, namespace }: typeof CLIENT,
  operation: string,
  body: string,
): Promise<string> {
  const text = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><${operation} xmlns="${namespace}">${body}</${operation}></s:Body></s:Envelope>`;
  const headers = {
    'content-type': 'text/xml; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    soapaction: `"${namespace}/${operation}"`,
  };
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(pieces);
        tally.requests += 1;
        tally.receivedBytes += bytes.length;
        tally.latenciesMs.push(performance.now() - startedMs);
        if (response.statusCode === 200) resolve(bytes.toString('latin1'));
        else reject(new Error(`${operation}: ${response.statusCode} ${bytes.toString('utf8', 0, 300)}`));
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
