import { childElements, childOf, type XmlElement } from '../../../text/xml/index.js';
import type { ServedCatalogue } from './catalogue.js';
import { type Cookies, cookieOf } from './cookies.js';
import { SoapFault } from './faults.js';
import { type Build, textAt } from './soap.js';
import { deploymentOf } from './update-info.js';

/**
 * [MS-WUSP] 3.1.5.8 RefreshCache: the numbers that this server has for the revisions that a client knows of another one; what
 * is not deployed here is left out.
 */
export function refreshCache(
  build: Build,
  request: XmlElement,
  facts: { cookies: Cookies; catalogue: ServedCatalogue; now: Date },
): XmlElement {
  facts.cookies.check(cookieOf(request), facts.now);
  const list = childOf(request, 'globalIDs');
  if (list === null) throw new SoapFault('Client', 'InvalidParameters', 'globalIDs');
  const known = childElements(list).flatMap((identity) => {
    const update = facts.catalogue.byUpdateId(textAt(identity, 'UpdateID')?.trim() ?? '');
    const isSame = Number(textAt(identity, 'RevisionNumber')) === update?.revision;
    return update !== null && isSame ? [update] : [];
  });
  const results = known.map((update) =>
    build(
      'RefreshCacheResult',
      build('RevisionID', String(update.revisionId)),
      build('GlobalID', build('UpdateID', update.updateId), build('RevisionNumber', String(update.revision))),
      build('IsLeaf', String(facts.catalogue.isLeaf(update.updateId))),
      deploymentOf(build, update),
    ),
  );
  return build('RefreshCacheResponse', build('RefreshCacheResult', ...results));
}
