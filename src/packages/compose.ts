import { PermanentError } from '../core/errors.js';
import { mergeRules } from '../core/evaluate.js';
import { packageIdOf, respinOf } from '../core/identity.js';
import type { UpdateRecord } from '../core/records.js';
import { selectRoute } from '../core/route.js';
import { readSdp, writeSdp } from '../sus/sdp/index.js';
import { learntIdentityOf } from './detection.js';
import { buildPackage, type CatalogIdentity, type PackageParts } from './package.js';
import { proveRules, writeProof } from './proof/index.js';
import { detectedVersion, itemRules, msiIdentityOf } from './rules.js';
import type { Source } from './source.js';
import { supersededBy } from './supersedence.js';
import { describeUpdate } from './texts.js';

/** An update and how its document is written. */
export interface Composed {
  readonly update: UpdateRecord;
  /** The SDP document of a revision made at this time. PermanentError `package.invalid`. */
  readonly sdpAt: (creationDate: string) => Buffer;
}

export interface Publisher {
  readonly catalog: CatalogIdentity;
  /** `https://patchpress.example`, without a slash at the end. */
  readonly contentBaseUrl: string;
}

/** Pure. PermanentError where definition and evidence allow no update. */
export function composeUpdate(
  source: Source,
  publisher: Publisher,
  now: Date,
  rollback: Rollback | null = null,
): Composed {
  const { product, definition, detection, release, installer, scheme } = source;
  if (detection === null) throw nothingProven(product.id);
  const texts = describeUpdate(product, release.release, definition, source.kind);
  const { version, inspection } = installer;
  const detected = detectedVersion(detection, version, inspection, scheme, `${product.id} ${version}`);
  const update = { ...identifyUpdate(source, now, rollback), title: texts.title };
  const rules = itemRules(detection, detected, msiIdentityOf(inspection), source.kind);
  const { catalog: identity, contentBaseUrl } = publisher;
  const parts: PackageParts = {
    identity,
    contentBaseUrl,
    product,
    definition,
    installer,
    update,
    texts,
    rules,
  };
  return {
    update,
    sdpAt: (creationDate) =>
      Buffer.from(writeSdp(buildPackage(parts, creationDate), { route: update.route }), 'utf8'),
  };
}

/** The gate holds such an update before it is composed. */
function nothingProven(where: string): PermanentError {
  return new PermanentError('definition.invalid', 'nothing proves how an installed copy shows itself', {
    where,
    nextStep: 'state the detection in the definition',
  });
}

/** The same payload once more under a new id, in the place of an update that turned out bad (design section 6). */
export interface Rollback {
  readonly respin: number;
  readonly bad: string;
}

/**
 * The id is made of the payload; an update that exists already keeps its respin and the time it was made. Other payload
 * under a version that was built before is another update, which takes the place of that one.
 */
export function identifyUpdate(
  source: Source,
  now: Date,
  rollback: Rollback | null = null,
): Omit<UpdateRecord, 'title'> {
  const { product, variant, kind, installer, detection, siteId, known, scheme } = source;
  const { version, sha256: payloadSha256 } = installer;
  const respin = rollback?.respin ?? respinOf({ version, payloadSha256 }, known);
  const facts = { version, variant, kind, payloadSha256, respin };
  const packageId = packageIdOf({ ...facts, siteId, product: product.id });
  const standing = known.find((one) => one.packageId === packageId);
  const learnt = detection === null ? null : learntIdentityOf(detection);
  const bad = known.find((one) => one.packageId === rollback?.bad);
  return {
    ...facts,
    packageId,
    productId: product.id,
    productName: product.name,
    ...routeOf(source, standing),
    supersedes: chainOf(
      packageId,
      // A rollback supersedes a later version, which no order of versions gives: what was said once stands.
      standing?.supersedes ?? [],
      bad === undefined ? [] : [bad.packageId, ...bad.supersedes],
      supersededBy({ ...facts, packageId }, known, scheme),
    ),
    ...(learnt === null ? {} : { learntIdentity: learnt }),
    createdAt: standing?.createdAt ?? now.toISOString(),
  };
}

/** One publisher owns an id end to end (design section 3): an update that was built keeps its route. */
function routeOf(
  { definition, installer }: Source,
  standing: UpdateRecord | undefined,
): Required<Pick<UpdateRecord, 'route' | 'routeReason'>> {
  const { route, reason } = selectRoute({
    signature: installer.signature.status,
    technology: definition.technology,
    arguments: definition.arguments,
    // The payload is the installer alone: transforms, scripts and other files are not supported yet.
    files: 1,
  });
  return { route: standing?.route ?? route, routeReason: standing?.routeReason ?? reason };
}

function chainOf(packageId: string, ...parts: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(parts.flat())].filter((one) => one !== packageId);
}

/** The truth table of a document as it was written: its rules are read back, so that the writer is proven with them. */
export function proveDocument(source: Source, update: UpdateRecord, sdp: Buffer): Buffer {
  const { product, definition, variant, installer, evidence } = source;
  const { isInstalled, isInstallable, installableItems } = readSdp(sdp, `${update.packageId}.sdp`);
  const item = installableItems[0]?.applicabilityRules;
  const none = { isInstalled: null, isSuperseded: null, isInstallable: null };
  const rules = mergeRules({ isInstalled, isInstallable }, item ?? none);
  const architecture = installer.inspection.architecture ?? definition.architecture;
  const rows = proveRules({
    productId: product.id,
    variant,
    kind: update.kind,
    releaseVersion: installer.version,
    architecture,
    evidence,
    rules,
  });
  return writeProof({ packageId: update.packageId, installer, evidence, rules, rows });
}
