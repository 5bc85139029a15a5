import { PermanentError, printable } from '../../core/errors.js';
import { sealPlan } from '../../core/plan.js';
import { parseWord, speakOfVersion, wordSetting } from '../../core/word.js';
import type { OperationsDeps } from '../deps.js';
import { aboutProduct, findPublished, requireProduct, type Standing } from './hold.js';
import type { Prepared } from './request.js';

/**
 * A person's word that a version never was one: feeds are no longer measured by it, nothing of it is published, and the
 * feed is asked anew. What is published of it stays, and is named: to withdraw it is another deed.
 */
export async function prepareDisown(
  deps: OperationsDeps,
  productId: string,
  version: string,
): Promise<Prepared> {
  const product = requireProduct(deps, productId);
  await requireShown(deps, product.id, version);
  const word = parseWord(await deps.ledger.setting(wordSetting(product.id, version)));
  const standing = await findPublished(deps, product.id, version);
  const isDisowned = word?.verdict === 'disown';
  return {
    plan: sealPlan(
      {
        verb: 'disown',
        about: aboutProduct(product, version),
        packageId: null,
        revision: null,
        catalogRevision: null,
        does: [
          `Feeds of it are no longer measured by ${version}: a lower version is taken again, ${version} is passed over wherever it is shown.`,
          `Version ${version} is not built or published; its feed is asked anew at once.`,
          ...standing.map(describeStanding),
        ],
        clients: [
          standing.length === 0
            ? 'Clients see nothing of it.'
            : 'Clients are still offered what is published of it, until it is rolled back or expired.',
        ],
        nothing: isDisowned ? `${word.by} disowned it already, at ${word.at}: ${word.reason}` : null,
      },
      [word, standing.map(({ update }) => update.packageId)],
    ),
    subject: product.id,
    jobs: (requestId) => [{ stage: 'feeds', input: { productId: product.id, syncId: requestId } }],
    effects: (ledger, { name, reason, at }) =>
      speakOfVersion(ledger, { productId: product.id, version }, { verdict: 'disown', by: name, at, reason }),
  };
}

function describeStanding({ update: { packageId, title } }: Standing): string {
  return `Stays published: ${title}. Take it back: patchpress rollback ${packageId} --to <version>, or patchpress expire ${packageId}.`;
}

/** A slip of the hand must not disown a version that is still to come. */
async function requireShown(deps: OperationsDeps, productId: string, version: string): Promise<void> {
  if ((await deps.ledger.release(productId, version)) !== null) return;
  const doubts = await deps.ledger.decisions(`${productId}//`);
  const isDoubted = doubts.some(
    ({ gate, facts }) => gate === 'feeds' && (facts as { version?: unknown }).version === version,
  );
  if (isDoubted) return;
  const known = (await deps.ledger.releases(productId)).map((one) => one.version);
  throw new PermanentError('plan.refused', 'no feed has shown this version', {
    where: printable(`${productId} ${version}`, 200),
    expected: `one of ${printable(known.slice(-10).join(', ')) || 'nothing: no version is known'}`,
    nextStep: 'name the version as the ledger has it: patchpress explain lists the releases',
  });
}
