import { PermanentError, printable } from '../../core/errors.js';
import { planRollback, type RollbackFacts, type UpdateFacts } from '../../core/plan.js';
import { TARGET_OF } from '../../core/publication.js';
import type { UpdateRecord } from '../../core/records.js';
import { versionSchemes } from '../../core/versions/index.js';
import { isRefusal, readWord, wordSetting } from '../../core/word.js';
import type { OperationsDeps } from '../deps.js';
import { buildSubjectOf, expireJobs } from './republish.js';
import type { Prepared } from './request.js';
import { idOf, readUpdateFacts } from './update-facts.js';

/** The old payload under the next respin; the bad id is expired and its version blocked (design section 6). */
export async function prepareRollback(
  deps: OperationsDeps,
  packageId: string,
  to: string,
): Promise<Prepared> {
  const facts = await readRollbackFacts(deps, await readUpdateFacts(deps, packageId), to);
  const { update: bad, to: target, next } = facts;
  return {
    plan: planRollback(facts),
    subject: bad.packageId,
    jobs: (requestId) => [
      {
        stage: 'packages',
        input: {
          ...buildSubjectOf(target),
          revise: requestId,
          rollback: { respin: next.respin, bad: bad.packageId },
        },
      },
      ...expireJobs(bad)(requestId),
    ],
    effects: async (ledger, { name, reason, at }) => {
      const word = { verdict: 'block', by: name, at, reason } as const;
      await ledger.putSetting(wordSetting(bad.productId, bad.version), JSON.stringify(word));
    },
  };
}

async function readRollbackFacts(
  deps: OperationsDeps,
  facts: UpdateFacts,
  to: string,
): Promise<RollbackFacts> {
  const { update: bad } = facts;
  const { productId, variant, kind } = bad;
  const known = (await deps.ledger.updates({ productId, variant })).filter((one) => one.kind === kind);
  const target = await selectTarget(deps, facts, known, to);
  const sameFile = known.filter(
    (one) => one.version === target.version && one.payloadSha256 === target.payloadSha256,
  );
  const respin = Math.max(...sameFile.map((one) => one.respin)) + 1;
  return {
    ...facts,
    to: target,
    next: { respin, packageId: await idOf(deps, target, { payloadSha256: target.payloadSha256, respin }) },
    doneBefore:
      known.find(
        (one) =>
          one.version !== bad.version && isOlder(deps, one, bad) && one.supersedes.includes(bad.packageId),
      )?.packageId ?? null,
    otherVariants: await findOtherVariants(deps, bad),
  };
}

/** By PackageID or version: built, older than the bad one, and neither expired nor blocked. */
async function selectTarget(
  deps: OperationsDeps,
  { update: bad }: UpdateFacts,
  known: readonly UpdateRecord[],
  to: string,
): Promise<UpdateRecord> {
  const found = known.findLast((one) => one.packageId === to.toLowerCase() || one.version === to);
  const older = known.filter((one) => isOlder(deps, one, bad)).map(({ version }) => version);
  const refuse = (reason: string): PermanentError =>
    new PermanentError('plan.refused', reason, {
      where: printable(to, 100),
      expected: `one of ${[...new Set(older)].join(', ') || 'nothing: no older version was built here'}`,
      nextStep: 'name an older version of the same product and variant that was built here',
    });
  if (found === undefined)
    throw refuse('there is no such version of this product and variant to roll back to');
  if (!isOlder(deps, found, bad)) throw refuse(`${found.version} is not older than ${bad.version}`);
  const word = await readWord(deps.ledger, found.productId, found.version);
  if (isRefusal(word)) {
    throw refuse(`${found.version} was ${word?.verdict === 'disown' ? 'disowned' : 'rolled back itself'}`);
  }
  if ((await deps.ledger.latestRevision(found.packageId))?.expired === true) {
    throw refuse(`${found.version} was expired`);
  }
  return found;
}

function isOlder(deps: OperationsDeps, one: UpdateRecord, bad: UpdateRecord): boolean {
  const scheme = versionSchemes.get(deps.products.get(bad.productId)?.versionScheme ?? '');
  if (scheme === undefined) {
    throw new PermanentError('not-found', 'the definition of the product says how versions are ordered', {
      where: bad.productId,
      found: 'no definition',
      nextStep: 'restore the definition',
    });
  }
  return scheme.compare(one.version, bad.version) < 0;
}

async function findOtherVariants(deps: OperationsDeps, bad: UpdateRecord): Promise<readonly string[]> {
  const all = await deps.ledger.updates({ productId: bad.productId });
  const others: string[] = [];
  for (const one of all) {
    const isSame = one.variant === bad.variant && one.kind === bad.kind;
    if (one.version !== bad.version || isSame) continue;
    const publication = await deps.ledger.publication(TARGET_OF[one.route], one.packageId);
    const isOver = publication?.state === 'superseded' || publication?.state === 'expired';
    if (publication !== null && !isOver) others.push(one.packageId);
  }
  return others;
}
