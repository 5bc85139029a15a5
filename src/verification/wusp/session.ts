import type { Machine } from '../../core/machine.js';
import type { XmlElement } from '../../text/xml/index.js';
import { callService, elementAt, elements, SERVICES, textAt, violation } from './soap.js';
import type { WuspTransport } from './transport.js';

const PROTOCOL_VERSION = '2.90';

export interface ClientComputer {
  /** The SusClientId: a GUID. */
  readonly clientId: string;
  readonly dnsName: string;
}

/** A client that has shaken hands with its server. */
export interface WuspSession {
  readonly transport: WuspTransport;
  /** What stands before the services' paths. */
  readonly base: string;
  readonly computer: ClientComputer;
  readonly maxExtendedUpdates: number;
  /** Opaque; renewed by SyncUpdates. */
  cookie: { readonly expiration: string; readonly encryptedData: string };
}

/** GetConfig, GetAuthorizationCookie, GetCookie, RegisterComputer ([MS-WUSP] 3.2.4). Errors of `callService`. */
export async function openSession(
  transport: WuspTransport,
  base: string,
  computer: ClientComputer,
  machine: Machine,
  now: Date,
): Promise<WuspSession> {
  const client = elements(SERVICES.client);
  const auth = elements(SERVICES.simpleAuth);
  const config = await callService(transport, base, SERVICES.client, 'GetConfig', [
    client('protocolVersion', PROTOCOL_VERSION),
  ]);
  const lastChange = required(textAt(config, 'GetConfigResult', 'LastChange'), base, 'LastChange');
  const granted = await callService(transport, base, SERVICES.simpleAuth, 'GetAuthorizationCookie', [
    auth('clientId', computer.clientId),
    auth('dnsName', computer.dnsName),
  ]);
  const cookieData = required(
    textAt(granted, 'GetAuthorizationCookieResult', 'CookieData'),
    base,
    'CookieData',
  );
  const plugIn = textAt(granted, 'GetAuthorizationCookieResult', 'PlugInId') ?? 'SimpleTargeting';
  const answer = await callService(transport, base, SERVICES.client, 'GetCookie', [
    client(
      'authCookies',
      client('AuthorizationCookie', client('PlugInId', plugIn), client('CookieData', cookieData)),
    ),
    client('lastChange', lastChange),
    client('currentTime', now.toISOString()),
    client('protocolVersion', PROTOCOL_VERSION),
  ]);
  const session: WuspSession = {
    transport,
    base,
    computer,
    maxExtendedUpdates: maxExtendedUpdates(config),
    cookie: readCookie(elementAt(answer, 'GetCookieResult'), base),
  };
  if (textAt(config, 'GetConfigResult', 'IsRegistrationRequired') === 'true') {
    await callService(transport, base, SERVICES.client, 'RegisterComputer', [
      cookieElement(session, SERVICES.client),
      computerInfo(computer, machine),
    ]);
  }
  return session;
}

export function cookieElement(
  session: WuspSession,
  service: (typeof SERVICES)[keyof typeof SERVICES],
): XmlElement {
  const build = elements(service);
  return build(
    'cookie',
    build('Expiration', session.cookie.expiration),
    build('EncryptedData', session.cookie.encryptedData),
  );
}

export function readCookie(cookie: XmlElement | null, where: string): WuspSession['cookie'] {
  return {
    expiration: required(textAt(cookie, 'Expiration'), where, 'Expiration'),
    encryptedData: required(textAt(cookie, 'EncryptedData'), where, 'EncryptedData'),
  };
}

export function required(text: string | null, where: string, name: string): string {
  if (text === null || text === '') throw violation(where, name, 'nothing');
  return text;
}

function maxExtendedUpdates(config: XmlElement): number {
  const list = elementAt(config, 'GetConfigResult', 'Properties');
  const property = list?.children.find(
    (child) => typeof child !== 'string' && textAt(child, 'Name') === 'MaxExtendedUpdatesPerRequest',
  );
  const value = property === undefined || typeof property === 'string' ? null : textAt(property, 'Value');
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? Math.min(number, 50) : 50;
}

const PROCESSOR = { x86: 'x86', x64: 'AMD64', arm64: 'ARM64' } as const;

/** [MS-WUSP] 2.2.2.2.3 ComputerInfo, with what the machine tells and the values of a current agent. */
function computerInfo(computer: ClientComputer, machine: Machine): XmlElement {
  const build = elements(SERVICES.client);
  const [major = '10', minor = '0', buildNumber = '0'] = machine.os.version.split('.');
  const facts: readonly (readonly [string, string])[] = [
    ['DnsName', computer.dnsName],
    ['OSMajorVersion', major],
    ['OSMinorVersion', minor],
    ['OSBuildNumber', buildNumber],
    ['OSServicePackMajorNumber', '0'],
    ['OSServicePackMinorNumber', '0'],
    ['OSLocale', machine.os.language],
    ['ComputerManufacturer', 'unknown'],
    ['ComputerModel', 'unknown'],
    ['BiosVersion', 'unknown'],
    ['BiosName', 'unknown'],
    ['BiosReleaseDate', '2022-02-02T00:00:00Z'],
    ['ProcessorArchitecture', PROCESSOR[machine.os.architecture]],
    ['SuiteMask', String(machine.os.suiteMask)],
    ['OldProductType', String(machine.os.productType)],
    ['NewProductType', '48'],
    ['SystemMetrics', '0'],
    ['ClientVersionMajorNumber', '1507'],
    ['ClientVersionMinorNumber', '2601'],
    ['ClientVersionBuildNumber', '30012'],
    ['ClientVersionQfeNumber', '0'],
    ['OSDescription', `Windows ${machine.os.version}`],
  ];
  return build('computerInfo', ...facts.map(([name, value]) => build(name, value)));
}
