import {
  planExpire,
  planPromote,
  planRepair,
  planResign,
  planRevise,
  type UpdateFacts,
} from '../../core/plan.js';
import type { RepublishIntent } from '../../core/publication.js';
import type { UpdateRecord } from '../../core/records.js';
import type { NextJob } from '../../core/stage.js';
import type { OperationsDeps } from '../deps.js';
import { noEffects, type Prepared } from './request.js';
import { findInStore } from './store.js';
import { readUpdateFacts } from './update-facts.js';

/** The ways to publish an update again, to publish its content, and to withdraw it: all of them are jobs of the ordinary line. */
export async function prepareUpdate(
  deps: OperationsDeps,
  verb: RepublishIntent | 'promote' | 'expire',
  packageId: string,
): Promise<Prepared> {
  const facts = await readUpdateFacts(deps, packageId);
  const subject = facts.update.packageId;
  switch (verb) {
    case 'revise':
    case 'rebuild':
      return { plan: planRevise(verb, facts), subject, effects: noEffects, jobs: buildJobs(facts.update) };
    case 'resign':
      return { plan: planResign(facts), subject, effects: noEffects, jobs: resignJobs };
    case 'promote':
      return { plan: planPromote(facts), subject, effects: noEffects, jobs: promoteJobs(facts) };
    case 'expire':
      return { plan: planExpire(facts), subject, effects: noEffects, jobs: expireJobs(facts.update) };
    case 'repair':
      return prepareRepair(deps, facts);
  }
}

function buildJobs(update: UpdateRecord): Prepared['jobs'] {
  return (revise) => [{ stage: 'packages', input: { ...buildSubjectOf(update), revise } }];
}

/** As the packages stage takes it: an install is named, an update is not. */
export function buildSubjectOf({ productId, version, variant, kind }: UpdateRecord) {
  return { productId, version, variant, ...(kind === 'install' ? { kind } : {}) };
}

/** One that broke off before is taken up again. */
export function expireJobs({ packageId, productId, version, variant }: UpdateRecord): Prepared['jobs'] {
  return (requestId) => [
    {
      stage: 'packages',
      input: { productId, version, variant, expire: packageId, requestId },
      again: 'when-finished',
    },
  ];
}

function promoteJobs({ update, publication }: UpdateFacts): Prepared['jobs'] {
  const { packageId } = update;
  const revision = publication?.revision ?? 0;
  return (requestId) => [{ stage: 'publishing', input: { kind: 'promote', packageId, revision, requestId } }];
}

function resignJobs(requestId: string): readonly NextJob[] {
  return [{ stage: 'publishing', input: { kind: 'resign', target: 'configmgr-catalog', requestId } }];
}

async function prepareRepair(deps: OperationsDeps, facts: UpdateFacts): Promise<Prepared> {
  const { packageId, productId, version, variant } = facts.update;
  const findings = await findInStore(deps, facts);
  const lost = new Set(findings.filter(({ state }) => state !== 'whole').map(({ what }) => what));
  const plan = planRepair(facts, findings, await countRepairs(deps, facts.update));
  return {
    plan,
    subject: packageId,
    effects: noEffects,
    jobs(requestId) {
      const jobs: NextJob[] = [];
      const about = { productId, version, variant };
      if (lost.has('installer')) jobs.push({ stage: 'releases', input: about, again: 'when-finished' });
      if (lost.has('update document') || lost.has('proof')) {
        const input = { ...buildSubjectOf(facts.update), restore: packageId, requestId };
        jobs.push({ stage: 'packages', input });
      }
      if (lost.has('catalog')) jobs.push(...resignJobs(requestId));
      if (facts.publication !== null) {
        const { revision } = facts.publication;
        jobs.push({ stage: 'publishing', input: { kind: 'repair', packageId, revision, requestId } });
      }
      return jobs;
    },
  };
}

/** Rises with every repair that has come to an end, whichever stage it was for: another one is another request. */
async function countRepairs(deps: OperationsDeps, update: UpdateRecord): Promise<number> {
  const { packageId, productId, version, variant } = update;
  const ended = await deps.ledger.work({ states: ['done', 'held', 'failed'] });
  const repairs = ended.filter(
    ({ stage, key, input }) =>
      (stage === 'publishing' && key.startsWith(`repair/${packageId}/`)) ||
      (stage === 'packages' && isRestoreOf(packageId, input)),
  );
  // An installer is acquired again by the same work each time; its token tells how often.
  const acquired = ended.find(
    (one) =>
      one.stage === 'releases' &&
      one.product === productId &&
      one.version === version &&
      one.variant === variant,
  );
  return repairs.length + (acquired?.token ?? 0);
}

function isRestoreOf(packageId: string, input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'restore' in input && input.restore === packageId;
}
