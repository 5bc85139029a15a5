import type { XmlElement } from '../../text/xml/index.js';
import { isTrue, listAt, requiredText, textAt, violation } from './soap.js';

export const SIMPLE_TARGETING = 'SimpleTargeting';

/** What GetConfig says, as far as this client follows it. PermanentError `protocol.violation`. */
export function readConfig(answer: XmlElement, where: string) {
  const at = 'GetConfigResult';
  return {
    lastChange: requiredText(textAt(answer, at, 'LastChange'), where, 'LastChange'),
    isRegistrationRequired: isTrue(textAt(answer, at, 'IsRegistrationRequired')),
    maxExtendedUpdates: maxExtendedUpdates(answer),
    plugInPath: plugInPath(answer, where),
  };
}

/** The one plug-in that clients of an own server know; its address stands below the server's own ([MS-WUSP] 2.2.2.2.1). */
function plugInPath(answer: XmlElement, where: string): string {
  const plugIns = listAt(answer, 'GetConfigResult', 'AuthInfo');
  const ids = plugIns.map((plugIn) => textAt(plugIn, 'PlugInID')?.trim() ?? '');
  const known = plugIns[ids.findIndex((id) => id.toLowerCase() === SIMPLE_TARGETING.toLowerCase())];
  if (known === undefined)
    throw violation(where, `the plug-in ${SIMPLE_TARGETING}`, ids.join(', ') || 'no plug-in');
  const url = textAt(known, 'ServiceUrl')?.trim() ?? '';
  if (!/^\/?[\w-][\w./-]{0,200}$/.test(url) || url.includes('..')) {
    throw violation(where, 'ServiceUrl, below the server', url);
  }
  return url.startsWith('/') ? url : `/${url}`;
}

function maxExtendedUpdates(answer: XmlElement): number {
  const property = listAt(answer, 'GetConfigResult', 'Properties').find(
    (one) => textAt(one, 'Name')?.trim() === 'MaxExtendedUpdatesPerRequest',
  );
  const number = Number(textAt(property ?? null, 'Value'));
  return Number.isSafeInteger(number) && number > 0 ? Math.min(number, 50) : 50;
}
