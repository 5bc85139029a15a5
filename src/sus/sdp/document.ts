import { PermanentError } from '../../core/errors.js';
import type { Route } from '../../core/publication.js';
import type { SoftwareDistributionPackage } from '../../core/update.js';
import { attributeOf, childOf, parseXml, type XmlElement } from '../../text/xml/index.js';
import { type Finding, RULE_LEVELS, type RuleName } from '../finding.js';
import { checkSchema } from '../schema/index.js';
import { MAX_BYTES, readPackage } from './read.js';
import { validateSdp } from './validate.js';

/**
 * `schema`: the public schemas refuse it. `wsus`: WSUS refuses or loses it although the schemas allow it. `catalog`: only
 * what we publish ourselves must not have it; documents of other publishers do.
 */
export type Level = 'schema' | 'wsus' | 'catalog';

export interface LevelledFinding extends Finding {
  readonly level: Level;
}

export interface ValidatedDocument {
  /** As it stands there; null where there is none. */
  readonly packageId: string | null;
  /** Null where the document cannot be understood; then the findings say why. */
  readonly pkg: SoftwareDistributionPackage | null;
  readonly findings: readonly LevelledFinding[];
}

/**
 * The document against the schemas, then what it says against WSUS's rules and our own. Throws PermanentError
 * `payload.invalid` for what is no XML.
 */
export function validateDocument(
  source: Uint8Array | string,
  where: string,
  route?: Route,
): ValidatedDocument {
  const root = parseXml(source, { where, maxBytes: MAX_BYTES });
  const inSchema = checkSchema(root).map((one) => ({ ...one, level: 'schema' as const }));
  const pkg = understand(root, where, inSchema.length > 0);
  const inMeaning = pkg === null ? [] : validateSdp(pkg, route === undefined ? {} : { route });
  const properties = childOf(root, 'Properties');
  return {
    packageId:
      pkg?.properties.packageId ?? (properties === null ? null : attributeOf(properties, 'PackageID')),
    pkg,
    findings: [...inSchema, ...inMeaning.map((one) => ({ ...one, level: levelOf(one) }))],
  };
}

/** What breaks the schema need not be readable, and that is said already. */
function understand(root: XmlElement, where: string, isBroken: boolean): SoftwareDistributionPackage | null {
  try {
    return readPackage(root, where);
  } catch (error) {
    if (isBroken && error instanceof PermanentError) return null;
    throw error;
  }
}

function levelOf({ path, rule }: Finding): Level {
  if (rule === 'unique' && path === 'InstallableItem/@ID') return 'wsus';
  return isStricter(rule) ? RULE_LEVELS[rule] : 'schema';
}

function isStricter(rule: RuleName): rule is keyof typeof RULE_LEVELS {
  return rule in RULE_LEVELS;
}
