import { z } from 'zod';
import { TARGET_OF } from '../core/publication.js';
import type { AuditRecord, InstallerRecord, UpdateRecord, WorkRecord } from '../core/records.js';
import type { OperationsDeps } from './deps.js';
import type { StoryEvent } from './explain.js';
import { readSubjects } from './trouble.js';

type Only = { readonly version: string; readonly variant: string } | null;

/** What the feeds showed, what was acquired, what was decided, and where the line stopped. */
export async function tellProduct(
  deps: OperationsDeps,
  productId: string,
  only: Only,
): Promise<readonly StoryEvent[]> {
  const events: StoryEvent[] = [];
  const releases = await deps.ledger.releases(productId);
  for (const { version, seenAt, release } of releases) {
    if (only !== null && only.version !== version) continue;
    const released = release.publishedAt === null ? '' : `, released ${release.publishedAt}`;
    events.push({ at: seenAt, kind: 'release', text: `The feed showed version ${version}${released}.` });
  }
  const work = (await deps.ledger.work({ product: productId })).filter((one) => isAbout(one, only));
  const places = new Set(work.filter(isVariant).map((one) => `${one.version}\n${one.variant}`));
  for (const place of places) {
    const [version = '', variant = ''] = place.split('\n');
    events.push(...(await tellPlace(deps, productId, version, variant)));
  }
  return [...events, ...(await tellTrouble(deps, productId, only))];
}

function isAbout({ version, variant }: WorkRecord, only: Only): boolean {
  return only === null || (version === only.version && (variant === null || variant === only.variant));
}

function isVariant({ version, variant }: WorkRecord): boolean {
  return version !== null && variant !== null;
}

async function tellPlace(
  deps: OperationsDeps,
  productId: string,
  version: string,
  variant: string,
): Promise<readonly StoryEvent[]> {
  const installer = await deps.ledger.installer(productId, version, variant);
  const decisions = await deps.ledger.decisions([productId, version, variant].join('/'));
  return [
    ...(installer === null ? [] : [tellInstaller(installer)]),
    ...decisions.map(
      ({ decidedAt, gate, verdict, reason }): StoryEvent => ({
        at: decidedAt,
        kind: 'decision',
        text: `The gate "${gate}" ${verdict === 'go' ? 'let it go on' : 'held it'} (${version} ${variant}): ${reason}.`,
      }),
    ),
  ];
}

function tellInstaller(installer: InstallerRecord): StoryEvent {
  const { acquiredAt: at, fileName, url, sizeBytes, sha256, signature } = installer;
  const host = URL.canParse(url) ? new URL(url).host : 'an unknown host';
  const by = signature.status === 'valid' ? `signed by "${signature.signer.subject}"` : signature.status;
  const text = `${fileName} was acquired from ${host}: ${sizeBytes} bytes, SHA-256 ${sha256}, ${by}.`;
  return { at, kind: 'acquired', text };
}

/** Work that is held, failed or waits; what went well is told by what it made. */
async function tellTrouble(
  deps: OperationsDeps,
  productId: string,
  only: Only,
): Promise<readonly StoryEvent[]> {
  const work = await deps.ledger.work({ states: ['held', 'failed', 'waiting'], products: [productId] });
  const subjectOf = await readSubjects(deps.ledger, work);
  return work.flatMap((one): readonly StoryEvent[] => {
    const subject = subjectOf(one);
    if (subject.product !== productId || !isAbout({ ...one, ...subject }, only)) return [];
    const next = one.nextStep === null ? '' : ` Next: ${one.nextStep}.`;
    const text = `"${one.stage}" ${STANDS[one.state] ?? one.state} (${one.version ?? subject.version ?? ''}): ${one.reason ?? 'no reason was kept'}.${next}`;
    return [{ at: one.changedAt, kind: 'work', text }];
  });
}

const STANDS: Partial<Record<WorkRecord['state'], string>> = {
  held: 'is held',
  failed: 'has failed',
  waiting: 'waits',
};

/** How it was built, revision by revision, and how far it has come. */
export async function tellUpdate(deps: OperationsDeps, update: UpdateRecord): Promise<readonly StoryEvent[]> {
  const { packageId, route, routeReason, supersedes, createdAt } = update;
  const events: StoryEvent[] = [];
  const why = routeReason === undefined ? '' : `: ${routeReason}`;
  const over = supersedes.length === 0 ? '' : ` It supersedes ${supersedes.join(', ')}.`;
  events.push({
    at: createdAt,
    kind: 'revision',
    text: `${update.title} became the update ${packageId} on the ${route} route${why}.${over}`,
  });
  const latest = await deps.ledger.latestRevision(packageId);
  for (let number = 1; number <= (latest?.revision ?? 0); number += 1) {
    const revision = await deps.ledger.revision(packageId, number);
    if (revision === null) continue;
    const vouched = revision.attestation === null ? 'not vouched for yet' : 'vouched for';
    const what = revision.expired === true ? 'withdrew it' : 'was built and its rules proven';
    const text = `Revision ${number} of ${nameOf(update)} ${what} (${revision.reason}); it is ${vouched}.`;
    events.push({ at: new Date(revision.creationDate).toISOString(), kind: 'revision', text });
  }
  return [...events, ...(await tellPublication(deps, update))];
}

/** A rollback has the title of what it brings back. */
function nameOf({ title, respin }: UpdateRecord): string {
  return respin === 0 ? title : `${title}, respin ${respin},`;
}

async function tellPublication(deps: OperationsDeps, update: UpdateRecord): Promise<readonly StoryEvent[]> {
  const { packageId, route } = update;
  const publication = await deps.ledger.publication(TARGET_OF[route], packageId);
  if (publication === null) return [];
  const { revision, catalogRevision, state, reason, proof, startedAt, changedAt } = publication;
  const where = catalogRevision === null ? '' : `, in catalog revision ${catalogRevision}`;
  const told = reason === null ? '' : `: ${reason}`;
  const proven = proof === null ? '' : `, proven by ${proof}`;
  return [
    {
      at: startedAt,
      kind: 'publication',
      text: `Revision ${revision} of ${nameOf(update)} was given to ${publication.target}.`,
    },
    {
      at: changedAt,
      kind: 'publication',
      text: `Revision ${revision} of ${nameOf(update)} is ${state}${where}${proven}${told}.`,
    },
  ];
}

/** What persons did about it, and why. */
export async function tellAudit(
  deps: OperationsDeps,
  subjects: readonly string[],
): Promise<readonly StoryEvent[]> {
  return (await deps.ledger.audit(subjects)).map((entry) => ({
    at: entry.at,
    kind: 'person',
    text: `By ${entry.actor}: ${entry.action}${reasonIn(entry)}.`,
  }));
}

const Told = z.object({ reason: z.string().optional(), fault: z.string().optional() });

function reasonIn({ detail }: AuditRecord): string {
  const { reason, fault } = Told.catch({}).parse(JSON.parse(detail));
  return [reason, fault].map((text) => (text === undefined ? '' : `: ${text}`)).join('');
}
