import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startUpdateServices,
  type UpdateServices,
} from '../../../src/lab/software-update-point/imported/index.js';
import type { TestIdentity } from '../certificates.js';

const CLIENT = 'http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService';
const AUTH = 'http://www.microsoft.com/SoftwareDistribution/Server/SimpleAuthWebService';
const REPORTING = 'http://www.microsoft.com/SoftwareDistribution';

export const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const [COMPANY, PRODUCT, CLASS] = [idOf(901), idOf(902), idOf(903)];
export const bytesOf = (n: number) => Buffer.from(`content of ${n}`);
export const sha1 = (bytes: Buffer, encoding: 'base64' | 'hex') =>
  createHash('sha1').update(bytes).digest(encoding);

export interface Made {
  readonly id: string;
  readonly type?: string;
  readonly revision?: number;
  readonly properties?: string;
  readonly prerequisites?: readonly string[];
  readonly bundled?: readonly string[];
  readonly supersedes?: readonly string[];
  readonly rules?: string;
  /** Of other languages. */
  readonly localized?: string;
  readonly file?: Buffer;
}

export function documentOf({ id, type = 'Software', revision = 1, properties = '', ...made }: Made): string {
  const identities = (ids: readonly string[] = []) =>
    ids.map((one) => `<upd:UpdateIdentity UpdateID="${one}"/>`).join('');
  const file =
    made.file &&
    `<upd:Files><upd:File Digest="${sha1(made.file, 'base64')}" DigestAlgorithm="SHA1"
    FileName="${id}_1.cab" Size="${made.file.length}" Modified="2026-01-01T00:00:00Z"/></upd:Files>`;
  return `<upd:Update xmlns:upd="http://schemas.microsoft.com/msus/2002/12/Update"
    xmlns:lar="http://schemas.microsoft.com/msus/2002/12/LogicalApplicabilityRules"
    xmlns:drv="http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/WindowsDriver">
    <upd:UpdateIdentity UpdateID="${id}" RevisionNumber="${revision}"/>
    <upd:Properties DefaultPropertiesLanguage="en" UpdateType="${type}" ${properties}/>
    <upd:LocalizedPropertiesCollection><upd:LocalizedProperties><upd:Language>en</upd:Language>
    <upd:Title>${type} ${id}</upd:Title></upd:LocalizedProperties>${made.localized ?? ''}</upd:LocalizedPropertiesCollection>
    <upd:Relationships>${made.supersedes ? `<upd:SupersededUpdates>${identities(made.supersedes)}</upd:SupersededUpdates>` : ''}<upd:Prerequisites>${identities(made.prerequisites)}</upd:Prerequisites>
    ${made.bundled ? `<upd:BundledUpdates>${identities(made.bundled)}</upd:BundledUpdates>` : ''}</upd:Relationships>
    <upd:ApplicabilityRules>${made.rules ?? '<upd:IsInstalled><lar:True/></upd:IsInstalled>'}</upd:ApplicabilityRules>
    ${file ?? ''}</upd:Update>`;
}

export const CATEGORIES: readonly Made[] = [
  { id: COMPANY, type: 'Category' },
  { id: PRODUCT, type: 'Category', prerequisites: [COMPANY] },
  { id: CLASS, type: 'Category' },
];

const folders: string[] = [];
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'imported-'));
  folders.push(folder);
  return folder;
}

export function importFolderOf(documents: readonly Made[]): string {
  const folder = freshFolder();
  for (const made of documents) {
    writeFileSync(join(folder, `${made.id}.update.xml`), documentOf(made));
    if (made.file) writeFileSync(join(folder, `${made.id}_1.cab`), made.file);
  }
  return folder;
}

export function start(
  importFolder: string | null,
  folder = freshFolder(),
  approvals = new Map(),
  identity: TestIdentity | null = null,
  now = () => new Date('2026-11-28T00:00:00Z'),
): Promise<UpdateServices> {
  return startUpdateServices({
    folder,
    importFolder,
    approvals,
    hostName: 'localhost',
    port: 0,
    identity,
    now,
    onFault: (error) => assert.fail(String(error)),
  });
}

async function call(base: string, path: string, namespace: string, operation: string, body: string) {
  const answer = await fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${namespace}/${operation}"` },
    body: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><${operation} xmlns="${namespace}">${body}</${operation}></s:Body></s:Envelope>`,
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return text;
}

export const valueIn = (xml: string, name: string) =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
export const valuesIn = (xml: string, name: string) =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((match) => match[1] ?? '');

/** A client that has shaken hands and registered. */
export async function openClient(base: string, clientId = randomUUID()) {
  const wusp = (operation: string, body: string) =>
    call(base, '/ClientWebService/client.asmx', CLIENT, operation, body);
  const config = await wusp('GetConfig', '<protocolVersion>2.90</protocolVersion>');
  const granted = await call(
    base,
    '/SimpleAuthWebService/SimpleAuth.asmx',
    AUTH,
    'GetAuthorizationCookie',
    `<clientId>${clientId}</clientId><dnsName>one.lab</dnsName>`,
  );
  const opened = await wusp(
    'GetCookie',
    `<authCookies><AuthorizationCookie><PlugInId>SimpleTargeting</PlugInId><CookieData>${valueIn(granted, 'CookieData')}</CookieData></AuthorizationCookie></authCookies><lastChange>${valueIn(config, 'LastChange')}</lastChange><currentTime>2026-11-28T00:00:00Z</currentTime><protocolVersion>2.90</protocolVersion>`,
  );
  const cookieIn = (xml: string) =>
    `<cookie><Expiration>${valueIn(xml, 'Expiration')}</Expiration><EncryptedData>${valueIn(xml, 'EncryptedData')}</EncryptedData></cookie>`;
  let cookie = cookieIn(opened);
  await wusp('RegisterComputer', `${cookie}<computerInfo><DnsName>one.lab</DnsName></computerInfo>`);
  const ints = (name: string, ids: readonly number[]) =>
    ids.length === 0 ? '' : `<${name}>${ids.map((id) => `<int>${id}</int>`).join('')}</${name}>`;
  return {
    clientId,
    wusp: (operation: string, body: string) => wusp(operation, `${cookie}${body}`),
    report: (events: string) =>
      call(
        base,
        '/ReportingWebService/ReportingWebService.asmx',
        REPORTING,
        'ReportEventBatch',
        `${cookie}<clientTime>2026-11-28T00:00:00Z</clientTime><eventBatch>${events}</eventBatch>`,
      ),
    async sync(installed: readonly number[], others: readonly number[] = [], more = '') {
      const answer = await wusp(
        'SyncUpdates',
        `${cookie}<parameters><ExpressQuery>false</ExpressQuery>${ints('InstalledNonLeafUpdateIDs', installed)}${ints('OtherCachedUpdateIDs', others)}${more}</parameters>`,
      );
      cookie = cookieIn(answer);
      return answer;
    },
    /** Everything that there is, round by round: [update id, action, is leaf, revision id]. */
    async scan() {
      const seen: (readonly [string, string, string, number])[] = [];
      for (;;) {
        const leaf = (wanted: string) =>
          seen.filter(([, , isLeaf]) => isLeaf === wanted).map(([, , , id]) => id);
        const page = await this.sync(leaf('false'), leaf('true'));
        const infos = page.split('<UpdateInfo>').slice(1);
        if (infos.length === 0) return seen;
        for (const info of infos) {
          const id = /UpdateID="([0-9a-fA-F-]{36})"/.exec(info.replaceAll('&quot;', '"'))?.[1] ?? '';
          seen.push([
            id.toLowerCase(),
            valueIn(info, 'Action'),
            valueIn(info, 'IsLeaf'),
            Number(valueIn(info, 'ID')),
          ]);
        }
      }
    },
  };
}

export function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
