import type { Finding } from '../../../sus/sdp/index.js';
import type { FindingLevel } from './finding.js';

/** What catalogs of real vendors do, and sites take (configmgr-catalog 3.1; section 7 forbids it to ours). */
const TAKEN: readonly { readonly rule: string; readonly path: RegExp; readonly found?: RegExp }[] = [
  { rule: 'date', path: /CreationDate|Modified/, found: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/ },
  { rule: 'unique', path: /LocalizedProperties|ProductName|ReturnCode|CveID|SupersededPackages/ },
  { rule: 'digest', path: /AdditionalDigest/, found: /^$/ },
  { rule: 'program', path: /InstallableItem/ },
  { rule: 'url', path: /OriginUri/, found: /^http:\/\/./ },
  { rule: 'cardinality', path: /ApplicabilityRules/ },
  // Read and kept, not written.
  { rule: 'metadata', path: /Metadata/ },
  { rule: 'handler', path: /InstallableItem/ },
  { rule: 'update-type', path: /UpdateType/, found: /^Driver$/ },
];

export function levelOf({ rule, path, found }: Finding): FindingLevel {
  const isTaken = TAKEN.some(
    (one) => one.rule === rule && one.path.test(path) && (one.found ?? /^/).test(found),
  );
  return isTaken ? 'warning' : 'error';
}
