import { PermanentError, printable } from '../../core/errors.js';
import { type Plan, sealPlan } from '../../core/plan.js';
import type { ProductDefinition } from '../../core/product.js';
import { TARGET_OF } from '../../core/publication.js';
import type { UpdateRecord } from '../../core/records.js';
import { type PersonWord, parseWord, wordSetting } from '../../core/word.js';
import type { OperationsDeps } from '../deps.js';
import type { Prepared } from './request.js';

/** From now on nothing of it is published by itself; what is published stays published. */
export async function prepareHold(
  deps: OperationsDeps,
  productId: string,
  version: string | null,
): Promise<Prepared> {
  const product = requireProduct(deps, productId);
  const word = parseWord(await deps.ledger.setting(wordSetting(product.id, version)));
  const standing = await findPublished(deps, product.id, version);
  return {
    plan: sealPlan(planHold(product, version, word, standing), [word]),
    subject: product.id,
    jobs: () => [],
    effects: async (ledger, { name, reason, at }) => {
      const said: PersonWord = { verdict: 'hold', by: name, at, reason };
      await ledger.putSetting(wordSetting(product.id, version), JSON.stringify(said));
    },
  };
}

function planHold(
  product: ProductDefinition,
  version: string | null,
  word: PersonWord | null,
  standing: readonly Standing[],
): Omit<Plan, 'digest'> {
  const what = version === null ? 'No version' : `Version ${version}`;
  return {
    verb: 'hold',
    about: aboutProduct(product, version),
    packageId: null,
    revision: null,
    catalogRevision: null,
    does: [
      `${what} of it is ${version === null ? '' : 'not '}built or published until somebody approves it; feeds are still read, files are still acquired.`,
      ...standing.map(({ update, isPending }) => standingText(update, isPending)),
    ],
    clients: [
      standing.length === 0
        ? 'Clients see nothing of it.'
        : 'Clients are still offered what is published: to take it back, expire it or roll it back.',
    ],
    nothing: whyHeld(word),
  };
}

function whyHeld(word: PersonWord | null): string | null {
  if (word === null || word.verdict === 'approve') return null;
  const how = word.verdict === 'hold' ? 'held' : 'blocked';
  return `it is ${how} already, by ${word.by} since ${word.at}: ${word.reason}`;
}

export interface Standing {
  readonly update: UpdateRecord;
  readonly isPending: boolean;
}

/** A delivery asks for the hold before it begins; what is pending in the catalog is one of many and goes its way. */
function standingText({ packageId, title, route }: UpdateRecord, isPending: boolean): string {
  if (!isPending) return `Stays published: ${title}, ${packageId}.`;
  return route === 'direct'
    ? `Waits for its delivery, which is stopped: ${title}, ${packageId}.`
    : `Is pending already, and the next catalog revision carries it: ${title}, ${packageId}.`;
}

export async function findPublished(
  deps: OperationsDeps,
  productId: string,
  version: string | null,
): Promise<readonly Standing[]> {
  const found: Standing[] = [];
  for (const update of await deps.ledger.updates({ productId })) {
    if (version !== null && update.version !== version) continue;
    const publication = await deps.ledger.publication(TARGET_OF[update.route], update.packageId);
    if (publication === null || publication.state === 'superseded' || publication.state === 'expired')
      continue;
    found.push({ update, isPending: publication.state === 'pending' });
  }
  return found;
}

export function requireProduct(deps: OperationsDeps, productId: string): ProductDefinition {
  const wanted = productId.toLowerCase();
  const product =
    deps.products.get(productId) ?? deps.products.all().find(({ id }) => id.toLowerCase() === wanted);
  if (product !== undefined) return product;
  throw new PermanentError('not-found', 'no such product', {
    where: printable(productId, 100),
    expected: 'the id of a definition under catalogs/products',
    nextStep: 'patchpress status lists the products',
  });
}

export function aboutProduct({ name, id }: ProductDefinition, version: string | null): string {
  return `${name} ${version ?? '(all versions)'}, ${id}`;
}
