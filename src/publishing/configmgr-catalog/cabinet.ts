import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CatalogPlan } from '../../core/catalog-plan.js';
import { PermanentError } from '../../core/errors.js';
import type { CabinetMember, Compute, ContentStore, Signer } from '../../core/ports.js';
import type { Attestation } from '../../core/records.js';

export interface CabinetDeps {
  readonly content: ContentStore;
  readonly compute: Compute;
  readonly signer: Signer;
}

/**
 * Packs, has it signed, and reads back what came: the SHA-256 of a signed cabinet that holds the members, byte for byte,
 * and passes the acceptance checklist. PermanentError `catalog.invalid` when it is anything else; nothing refers to it then.
 * `onMade` is told the digest of each cabinet that comes into the content store on the way.
 */
export async function makeSignedCabinet(
  deps: CabinetDeps,
  plan: CatalogPlan,
  attestations: readonly Attestation[],
  onMade: (sha256: string) => void,
): Promise<string> {
  const { content, compute, signer } = deps;
  const outPath = content.temporaryPath();
  const partsDir = content.derivedFolder('catalog-parts');
  await compute.run('writeCatalog', { plan, outPath, partsDir });
  const unsigned = await content.putFile(outPath);
  onMade(unsigned.sha256);
  const signed = await signer.sign({ purpose: 'catalog', contentSha256: unsigned.sha256, attestations });
  onMade(signed.sha256);
  const signedPath = await content.wholePath(signed.sha256);
  const wrong = await compute.run('compareCatalog', {
    unsignedPath: content.pathOf(unsigned.sha256),
    signedPath,
    members: membersOf(plan),
  });
  if (wrong !== null) {
    throw new PermanentError('catalog.invalid', 'the signed catalog is not the one that was built', {
      ...wrong,
      nextStep: 'look at the log of the signer; the catalog that stands was not switched',
    });
  }
  await requireAcceptance(compute, signedPath);
  return signed.sha256;
}

/** The gate before the switch: what a site would refuse, or take and be broken by, is never served (configmgr-catalog 7). */
async function requireAcceptance(compute: Compute, path: string): Promise<void> {
  const [first, ...others] = await compute.run('checkCatalog', { path, most: MOST_TOLD });
  if (first === undefined) return;
  throw new PermanentError('catalog.invalid', `the catalog breaks the rule ${first.rule}`, {
    where: first.path,
    expected: first.expected,
    found: [first.found, ...others.map(({ rule, path }) => `${rule} at ${path}`)].join('; '),
    nextStep:
      'the catalog that stands was not switched: hold or republish that update; if that does not help, report it',
  });
}

const MOST_TOLD = 5;

/** In the order in which they are written. The root XML is put together of packed pieces: nobody has its digest. */
function membersOf(plan: CatalogPlan) {
  const digested = (one: CabinetMember) => ({ name: one.name, sha256: sha256Of(one.content) });
  return [
    { name: plan.root.name, sha256: null },
    ...plan.certificates.map(digested),
    ...plan.groups.flat().map(({ name, sha256 }) => ({ name, sha256 })),
    ...plan.lists.map(digested),
  ];
}

function sha256Of(content: CabinetMember['content']): string {
  const bytes = 'bytes' in content ? content.bytes : readFileSync(content.path);
  return createHash('sha256').update(bytes).digest('hex');
}
