import { PermanentError } from '../../core/errors.js';
import type { Machine } from '../../core/machine.js';
import type { XmlElement, XmlNode } from '../../text/xml/index.js';
import { computerInfo } from './computer-info.js';
import { readConfig, SIMPLE_TARGETING } from './config.js';
import { type Cookie, cookieElement, readCookie } from './cookie.js';
import {
  callService,
  elementAt,
  elements,
  requiredText,
  type Service,
  SERVICES,
  textAt,
  WuspFault,
} from './soap.js';
import type { WuspTransport } from './transport.js';

const PROTOCOL_VERSION = '2.90';
/** How often one session may be told to begin again before the server is given up. */
const MAX_RECOVERIES = 6;

export interface ClientComputer {
  /** The SusClientId: a GUID. */
  readonly clientId: string;
  readonly dnsName: string;
}

/** What a client keeps of its handshake between two scans. */
export interface Handshake {
  /** GetConfig/LastChange, in the server's own spelling. */
  readonly lastChange: string;
  readonly maxExtendedUpdates: number;
  readonly isRegistrationRequired: boolean;
  readonly cookie: Cookie;
}

export interface SessionOptions {
  readonly transport: WuspTransport;
  /** What stands before the services' paths. */
  readonly base: string;
  readonly computer: ClientComputer;
  readonly machine: Machine;
  now(): Date;
}

/** A client that has shaken hands with its server. */
export interface WuspSession extends SessionOptions {
  handshake: Handshake;
  /** Where the server may be another one: nothing that was cached holds. */
  onServerChanged: (() => void) | null;
  recoveriesLeft: number;
}

/**
 * GetConfig, GetAuthorizationCookie, GetCookie and, where the server demands it, RegisterComputer ([MS-WUSP] 3.2.4). A
 * kept handshake is used again without a call: the server says it where it no longer holds. Errors of `callService`.
 */
export async function openSession(
  options: SessionOptions,
  kept: Handshake | null = null,
): Promise<WuspSession> {
  const rest = { onServerChanged: null, recoveriesLeft: MAX_RECOVERIES };
  if (kept !== null) return { ...options, ...rest, handshake: kept };
  const session: WuspSession = { ...options, ...rest, handshake: await shakeHands(options) };
  if (session.handshake.isRegistrationRequired) await register(session);
  return session;
}

/**
 * One call with the session's cookie; what the server says of a cookie, its configuration or the registration that no
 * longer holds is mended and the call is made again ([MS-WUSP] 2.2.2.4). Errors of `callService`.
 */
export async function callAsClient(
  session: WuspSession,
  service: Service,
  operation: string,
  parameters: () => readonly (XmlNode | null)[],
): Promise<XmlElement> {
  for (;;) {
    const cookie = cookieElement('cookie', session.handshake.cookie, service);
    try {
      return await callService(session.transport, session.base, service, operation, [
        cookie,
        ...parameters(),
      ]);
    } catch (error) {
      if (!(error instanceof WuspFault)) throw error;
      await recover(session, error);
    }
  }
}

/** What mends each fault; every other one is thrown as it is. */
const RECOVERY: Readonly<Record<string, 'renew' | 'anew' | 'register'>> = {
  CookieExpired: 'renew',
  InvalidAuthorizationCookie: 'renew',
  ConfigChanged: 'renew',
  // Addresses of files are never kept here: a new cookie is all that is wanted. Pages spell it in two ways.
  FileLocationChanged: 'renew',
  FileLocationsChanged: 'renew',
  // Nothing of the cookie is of use, and numbers of revisions may be those of another server: all is asked anew, which spares
  // RefreshCache (3.1.5.8).
  InvalidCookie: 'anew',
  ServerChanged: 'anew',
  RegistrationRequired: 'register',
};

async function recover(session: WuspSession, fault: WuspFault): Promise<void> {
  const recovery = RECOVERY[fault.faultCode];
  if (recovery === undefined) throw fault;
  session.recoveriesLeft -= 1;
  if (session.recoveriesLeft < 0) {
    throw new PermanentError('protocol.violation', 'the update server does not accept its own answers', {
      where: session.base,
      expected: `at most ${MAX_RECOVERIES} new beginnings in a session`,
      found: fault.faultCode,
      nextStep: "look at the update server's log and at the clocks of both",
      cause: fault,
    });
  }
  if (recovery !== 'register') {
    session.handshake = await shakeHands(session, recovery === 'renew' ? session.handshake.cookie : null);
    if (recovery === 'anew') session.onServerChanged?.();
  }
  const isNew = fault.faultCode === 'ServerChanged' && session.handshake.isRegistrationRequired;
  if (recovery === 'register' || isNew) await register(session);
}

/**
 * GetConfig, GetAuthorizationCookie and GetCookie: whoever only asks need not be registered. With the cookie before, expired or
 * not, the server knows what this client was told. Errors of `callService`.
 */
export async function shakeHands(
  options: Omit<SessionOptions, 'machine'>,
  oldCookie: Cookie | null = null,
): Promise<Handshake> {
  const { transport, base } = options;
  const build = elements(SERVICES.client);
  // The configuration may change between the two calls: then both are made again, once.
  for (let attempt = 1; ; attempt += 1) {
    const answer = await callService(transport, base, SERVICES.client, 'GetConfig', [
      build('protocolVersion', PROTOCOL_VERSION),
    ]);
    const config = readConfig(answer, base);
    try {
      const granted = await callService(transport, base, SERVICES.client, 'GetCookie', [
        build('authCookies', await authorize(options, config.plugInPath)),
        // One that the server cannot take back is left out the second time.
        oldCookie === null || attempt > 1 ? null : cookieElement('oldCookie', oldCookie, SERVICES.client),
        build('lastChange', config.lastChange),
        build('currentTime', options.now().toISOString()),
        build('protocolVersion', PROTOCOL_VERSION),
      ]);
      const cookie = readCookie(elementAt(granted, 'GetCookieResult'), base);
      const { plugInPath: _, ...facts } = config;
      return { ...facts, cookie };
    } catch (error) {
      const isWorthAnother = error instanceof WuspFault && /renew|anew/.test(RECOVERY[error.faultCode] ?? '');
      if (!isWorthAnother || attempt > 1) throw error;
    }
  }
}

async function authorize(
  { transport, base, computer }: Omit<SessionOptions, 'machine'>,
  path: string,
): Promise<XmlElement> {
  const service = { ...SERVICES.simpleAuth, path };
  const ask = elements(service);
  const granted = await callService(transport, base, service, 'GetAuthorizationCookie', [
    ask('clientId', computer.clientId),
    ask('dnsName', computer.dnsName),
  ]);
  const result = 'GetAuthorizationCookieResult';
  const build = elements(SERVICES.client);
  return build(
    'AuthorizationCookie',
    build('PlugInId', textAt(granted, result, 'PlugInId') ?? SIMPLE_TARGETING),
    build('CookieData', requiredText(textAt(granted, result, 'CookieData'), base, 'CookieData')),
  );
}

async function register(session: WuspSession): Promise<void> {
  const { transport, base, computer, machine, handshake } = session;
  try {
    await callService(transport, base, SERVICES.client, 'RegisterComputer', [
      cookieElement('cookie', handshake.cookie, SERVICES.client),
      computerInfo(computer, machine),
    ]);
  } catch (error) {
    if (!(error instanceof WuspFault) || error.faultCode !== 'RegistrationNotRequired') throw error;
  }
}

/** A new cookie takes the place of the one before. */
export function renewCookie(session: WuspSession, cookie: XmlElement | null): void {
  if (cookie === null) return;
  session.handshake = { ...session.handshake, cookie: readCookie(cookie, session.base) };
}
