import type { XmlElement } from '../../text/xml/index.js';
import { elements, requiredText, type Service, textAt } from './soap.js';

export interface Cookie {
  readonly expiration: string;
  readonly encryptedData: string;
}

export function cookieElement(name: string, cookie: Cookie, service: Service): XmlElement {
  const build = elements(service);
  return build(name, build('Expiration', cookie.expiration), build('EncryptedData', cookie.encryptedData));
}

/** PermanentError `protocol.violation`. */
export function readCookie(cookie: XmlElement | null, where: string): Cookie {
  return {
    expiration: requiredText(textAt(cookie, 'Expiration'), where, 'Expiration'),
    encryptedData: requiredText(textAt(cookie, 'EncryptedData'), where, 'EncryptedData'),
  };
}
