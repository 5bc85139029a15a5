import { type XmlElement, writeXml } from '../../../text/xml/index.js';
import type { ServedCatalogue, ServedUpdate } from './catalogue.js';
import { type Build, builder } from './soap.js';

/** Of no namespace of its own: what is written here stands where that of the answer holds. */
const build = builder('');

/** Each is written once for all clients that are told of it: escaping fragments was a third of a scan's time. */
const written = new WeakMap<ServedCatalogue, Map<number, string>>();

/** The text of an UpdateInfo ([MS-WUSP] 2.2.2.2.4). */
export function newUpdateInfo(update: ServedUpdate, catalogue: ServedCatalogue): string {
  const known = written.get(catalogue) ?? new Map<number, string>();
  written.set(catalogue, known);
  const text = known.get(update.revisionId) ?? updateInfo(update, catalogue, { xml: update.core });
  known.set(update.revisionId, text);
  return text;
}

/** Of a driver with the hardware ids that it is the best match for; of ChangedUpdates without its fragment. */
export function updateInfo(
  update: ServedUpdate,
  catalogue: ServedCatalogue,
  parts: { readonly xml?: string; readonly hardwareIds?: readonly string[] },
): string {
  const { xml, hardwareIds } = parts;
  const info = build(
    'UpdateInfo',
    build('ID', String(update.revisionId)),
    deploymentOf(build, update, hardwareIds),
    build('IsLeaf', String(catalogue.isLeaf(update.updateId))),
    xml === undefined ? null : build('Xml', xml),
  );
  return writeXml(info, { emptyEnd: '/>' });
}

/** Of software exactly these seven members: agents fail with 0x80070057 without. */
export function deploymentOf(
  element: Build,
  { deploymentId, action, changedAt }: ServedUpdate,
  hardwareIds?: readonly string[],
): XmlElement {
  return element(
    'Deployment',
    element('ID', String(deploymentId)),
    element('Action', action),
    element('IsAssigned', 'true'),
    element('LastChangeTime', changedAt.slice(0, 10)),
    hardwareIds === undefined
      ? null
      : element('HardwareIds', ...hardwareIds.map((id) => element('string', id))),
    element('AutoSelect', '0'),
    element('AutoDownload', '0'),
    element('SupersedenceBehavior', '0'),
  );
}
