import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { childOf, type XmlElement } from '../../../text/xml/index.js';
import { SoapFault } from './faults.js';
import { type Build, textAt } from './soap.js';

export const COOKIE_LIFETIME_MS = 60 * 60 * 1000;

/** What the server knows of a client by its cookie; the client sees opaque bytes. */
export interface ClientSession {
  readonly clientId: string;
  readonly dnsName: string;
  /** ISO 8601; what the cookie says as Expiration. */
  readonly expiration: string;
  /** Deployments that changed later are news to it ([MS-WUSP] 3.1.5.7, NewCookie). ISO 8601. */
  readonly toldUntil: string;
}

const Session = z.object({
  clientId: z.string().max(200),
  dnsName: z.string().max(300),
  expiration: z.string().max(40),
  toldUntil: z.string().max(40).default(''),
});

/** Cookies that no one else can make: content and an HMAC-SHA256 over it with the server's own key. */
export interface Cookies {
  authorization(clientId: string, dnsName: string): string;
  /**
   * Exchanges the authorization cookie for a session. Of an old cookie, expired or not, what the client was told until is
   * taken over; one of another server or client counts for nothing. SoapFault InvalidAuthorizationCookie.
   */
  open(authorization: string | null, now: Date, oldCookie?: XmlElement | null): ClientSession;
  write(name: string, session: ClientSession, build: Build): XmlElement;
  /** SoapFault InvalidCookie or CookieExpired. */
  check(cookie: XmlElement | null, now: Date): ClientSession;
}

export function createCookies(key: Buffer): Cookies {
  const seal = (purpose: string, value: ClientSession): string => {
    const content = Buffer.from(JSON.stringify(value), 'utf8');
    return Buffer.concat([mac(key, purpose, content), content]).toString('base64');
  };
  const unseal = (purpose: string, text: string | null): ClientSession | null => {
    const bytes = Buffer.from(text ?? '', 'base64');
    if (bytes.length < 33 || bytes.length > 4096) return null;
    const content = bytes.subarray(32);
    if (!timingSafeEqual(bytes.subarray(0, 32), mac(key, purpose, content))) return null;
    return Session.parse(JSON.parse(content.toString('utf8')));
  };
  return {
    authorization: (clientId, dnsName) =>
      seal('authorization', { clientId, dnsName, expiration: '', toldUntil: '' }),
    open(authorization, now, oldCookie = null) {
      const granted = unseal('authorization', authorization);
      if (granted === null) throw new SoapFault('Client', 'InvalidAuthorizationCookie', 'authCookies');
      const old = unseal('session', encryptedIn(oldCookie));
      const toldUntil = old?.clientId === granted.clientId ? old.toldUntil : '';
      const expiration = new Date(now.getTime() + COOKIE_LIFETIME_MS).toISOString();
      return { ...granted, expiration, toldUntil };
    },
    write: (name, session, build) =>
      build(name, build('Expiration', session.expiration), build('EncryptedData', seal('session', session))),
    check(cookie, now) {
      const session = unseal('session', encryptedIn(cookie));
      if (session === null) throw new SoapFault('Client', 'InvalidCookie', 'cookie');
      if (new Date(session.expiration) <= now) throw new SoapFault('Client', 'CookieExpired', 'cookie');
      return session;
    },
  };
}

function encryptedIn(cookie: XmlElement | null): string | null {
  return cookie === null ? null : textAt(cookie, 'EncryptedData');
}

function mac(key: Buffer, purpose: string, content: Buffer): Buffer {
  return createHmac('sha256', key).update(`${purpose}\n`).update(content).digest();
}

export function cookieOf(parameters: XmlElement): XmlElement | null {
  return childOf(parameters, 'cookie');
}
