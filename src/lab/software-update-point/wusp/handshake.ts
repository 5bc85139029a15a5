import { childElements, childOf, type XmlElement } from '../../../text/xml/index.js';
import { type ClientSession, type Cookies, cookieOf } from './cookies.js';
import { SoapFault } from './faults.js';
import { type Build, textAt } from './soap.js';

/** Values of a Windows Server 2025, in its order. */
const PROPERTIES = (serverName: string): readonly (readonly [string, string])[] => [
  ['MaxExtendedUpdatesPerRequest', '50'],
  ['PackageServerShare', `\\\\${serverName}\\UpdateServicesPackages`],
  ['ProtocolVersion', '3.2'],
  ['IsInventoryRequired', '0'],
  ['ClientReportingLevel', '2'],
];

/** [MS-WUSP] 3.1.5.2 GetConfig. */
export function getConfig(build: Build, facts: { serverName: string; configuredAt: string }): XmlElement {
  const plugIn = build(
    'AuthPlugInInfo',
    build('PlugInID', 'SimpleTargeting'),
    build('ServiceUrl', 'SimpleAuthWebService/SimpleAuth.asmx'),
    build('Parameter'),
  );
  const properties = PROPERTIES(facts.serverName).map(([name, value]) =>
    build('ConfigurationProperty', build('Name', name), build('Value', value)),
  );
  return build(
    'GetConfigResponse',
    build(
      'GetConfigResult',
      build('LastChange', facts.configuredAt),
      build('IsRegistrationRequired', 'true'),
      build('AuthInfo', plugIn),
      build('Properties', ...properties),
    ),
  );
}

/** [MS-WUSP] 3.1.5.3 GetAuthorizationCookie; targetGroupName may be absent (server-side targeting). */
export function getAuthorizationCookie(build: Build, parameters: XmlElement, cookies: Cookies): XmlElement {
  const clientId = textAt(parameters, 'clientId')?.trim() ?? '';
  if (!/^[0-9A-Za-z-]{1,64}$/.test(clientId)) throw new SoapFault('Client', 'InvalidParameters', 'clientId');
  const dnsName = (textAt(parameters, 'dnsName') ?? '').slice(0, 255);
  return build(
    'GetAuthorizationCookieResponse',
    build(
      'GetAuthorizationCookieResult',
      build('PlugInId', 'SimpleTargeting'),
      build('CookieData', cookies.authorization(clientId, dnsName)),
    ),
  );
}

/**
 * [MS-WUSP] 3.1.5.4 GetCookie: `lastChange` must be what GetConfig said. What the client was told until is known by its old
 * cookie, else by the server's own memory; of a new computer there is nothing before now.
 */
export function getCookie(
  build: Build,
  parameters: XmlElement,
  facts: {
    cookies: Cookies;
    configuredAt: string;
    now: Date;
    toldUntil(clientId: string): string | null;
    told(session: ClientSession): void;
  },
): XmlElement {
  const list = childOf(parameters, 'authCookies');
  const granted = list === null ? [] : childElements(list, 'AuthorizationCookie');
  const [only] = granted;
  if (granted.length !== 1 || only === undefined) {
    throw new SoapFault('Client', 'InvalidAuthorizationCookie', 'authCookies');
  }
  const lastChange = Date.parse(textAt(parameters, 'lastChange') ?? '');
  if (lastChange !== Date.parse(facts.configuredAt)) {
    throw new SoapFault('Client', 'ConfigChanged', 'lastChange');
  }
  if (!/^\s*\d{1,4}\.\d{1,4}\s*$/.test(textAt(parameters, 'protocolVersion') ?? '')) {
    throw new SoapFault('Client', 'InvalidParameters', 'protocolVersion');
  }
  const oldCookie = childOf(parameters, 'oldCookie');
  const opened = facts.cookies.open(textAt(only, 'CookieData'), facts.now, oldCookie);
  const known = opened.toldUntil || facts.toldUntil(opened.clientId);
  const session = { ...opened, toldUntil: known ?? facts.now.toISOString() };
  if (known === null) facts.told(session);
  return build('GetCookieResponse', facts.cookies.write('GetCookieResult', session, build));
}

/** [MS-WUSP] 3.1.5.5 RegisterComputer. Its answer is empty; `register` is told who the computer is. */
export function registerComputer(
  build: Build,
  parameters: XmlElement,
  facts: {
    cookies: Cookies;
    now: Date;
    register(clientId: string, dnsName: string, osDescription: string): void;
  },
): XmlElement {
  const session = facts.cookies.check(cookieOf(parameters), facts.now);
  const info = childOf(parameters, 'computerInfo');
  if (info === null) throw new SoapFault('Client', 'InvalidParameters', 'computerInfo');
  const shown = (name: string) => (textAt(info, name) ?? '').slice(0, 255);
  facts.register(session.clientId, shown('DnsName'), shown('OSDescription'));
  return build('RegisterComputerResponse');
}
