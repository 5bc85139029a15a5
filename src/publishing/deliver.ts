import { PermanentError } from '../core/errors.js';
import type { Mirror } from '../core/mirror.js';
import type { Clock, LedgerWriter, Log } from '../core/ports.js';
import { contentWishOf } from '../core/publication.js';
import type { StageContext, StageResult } from '../core/stage.js';
import { contentAddress } from './configmgr-catalog/addresses.js';
import { type DeliverInput, DIRECT_TARGET, enqueue } from './jobs.js';
import { heldByPerson } from './person-hold.js';
import type { Bridge, BridgeCall, BridgeFile, ListedUpdate } from './software-update-point/bridge.js';
import {
  type DeliveredFile,
  type Delivery,
  type DeliveryDeps,
  loadDelivery,
} from './software-update-point/delivery.js';
import { type DeliveryStep, planDelivery, requireDelivered } from './software-update-point/plan.js';
import { findSuperseder, supersede, takeTurn } from './turn.js';

export interface DeliverDeps extends DeliveryDeps {
  readonly clock: Clock;
  /** Null: no Software Update Point is configured. */
  readonly bridge: Bridge | null;
  /** `https://patchpress.example`, without a slash at the end: where the far side fetches payload. */
  readonly contentBaseUrl: string;
  /** Null: content is served by this service itself. */
  readonly mirror: Mirror | null;
}

/**
 * Brings one pending revision of the direct route to the Software Update Point (design section 7: two-phase). The intent
 * is the pending publication; the server is asked what it has, changed, and asked again; then it is recorded. A turn that
 * breaks off between the change and the record finds it done.
 */
export async function deliver(
  deps: DeliverDeps,
  input: DeliverInput,
  context: StageContext,
): Promise<StageResult> {
  const standing = await deps.ledger.publication(DIRECT_TARGET, input.packageId);
  if (standing?.revision !== input.revision || standing.state !== 'pending') {
    const found =
      standing === null ? 'was never wanted' : `revision ${standing.revision} is ${standing.state}`;
    return { outcome: 'unchanged', reason: `nothing to deliver: ${found}` };
  }
  const held = await heldByPerson(deps.ledger, input);
  if (held !== null) return held;
  const wanted = await loadDelivery(deps, input, contentWishOf(standing));
  if (deps.bridge === null) throw notConfigured(input);
  const found = await look(deps.bridge, input.packageId, context.signal);
  const step = planDelivery(wanted, found);
  if (step.kind !== 'none') {
    await mirrorContent(deps, wanted.content, context.signal);
    await act(deps.bridge, deps.contentBaseUrl, wanted, step, context);
    requireDelivered(wanted, await look(deps.bridge, input.packageId, context.signal));
  }
  const now = deps.clock.now();
  context.record((ledger) => recordDelivered(ledger, wanted, { isAtServer: isAtServer(step, found), now }));
  const summary = step.kind === 'none' ? step.reason : `${DONE[step.kind]}: ${step.reason}`;
  return { outcome: 'advanced', next: [], summary };
}

/** What expired before it was ever delivered is at no server. */
function isAtServer(step: DeliveryStep, found: ListedUpdate | null): boolean {
  return step.kind !== 'none' || found !== null;
}

const DONE = {
  publish: 'published, packed and signed by WSUS',
  'publish-signed': 'published with our signed cabinet',
  'publish-metadata': 'published, its metadata alone',
  revise: 'revised',
  expire: 'expired',
} as const;

async function look(bridge: Bridge, packageId: string, signal: AbortSignal): Promise<ListedUpdate | null> {
  const { updates } = await bridge.call({ verb: 'list', packageIds: [packageId] }, signal);
  return updates.find((one) => one.packageId === packageId) ?? null;
}

async function act(
  bridge: Bridge,
  contentBaseUrl: string,
  wanted: Delivery,
  step: DeliveryStep,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Log },
): Promise<void> {
  const { packageId } = wanted.update;
  log.info({ packageId, step: step.kind, reason: step.reason }, 'asks the software update point');
  const document = { packageId, sdpBase64: wanted.sdp.toString('base64') };
  if (step.kind === 'expire') await bridge.call({ verb: 'expire', packageId }, signal);
  else if (step.kind === 'revise') await bridge.call({ verb: 'revise', ...document }, signal);
  else await bridge.call(publishCall(wanted.content, document, contentBaseUrl), signal);
}

/** The far side fetches it by its address, wherever that leads. */
async function mirrorContent(
  { mirror, content }: DeliverDeps,
  wanted: Delivery['content'],
  signal: AbortSignal,
): Promise<void> {
  if (mirror === null || wanted.mode === 'metadata') return;
  const files = wanted.mode === 'payload' ? wanted.files : [wanted.cabinet];
  for (const { sha256, sizeBytes, name } of files) {
    const source = () => content.wholePath(sha256);
    await mirror.put({ ...contentAddress(sha256, name), sha256, sizeBytes, source }, signal);
  }
}

function publishCall(
  content: Delivery['content'],
  document: { readonly packageId: string; readonly sdpBase64: string },
  contentBaseUrl: string,
): Extract<BridgeCall, { verb: 'publish' | 'publish-signed' | 'publish-metadata' }> {
  const fileOf = (file: DeliveredFile): BridgeFile => ({
    ...file,
    url: `${contentBaseUrl}/content/${file.sha256}/${encodeURIComponent(file.name)}`,
  });
  if (content.mode === 'metadata') return { verb: 'publish-metadata', ...document };
  if (content.mode === 'payload') return { verb: 'publish', ...document, files: content.files.map(fileOf) };
  return { verb: 'publish-signed', ...document, cabinet: fileOf(content.cabinet) };
}

async function recordDelivered(
  ledger: LedgerWriter,
  { update, revision, isExpired, content }: Delivery,
  { isAtServer, now }: { readonly isAtServer: boolean; readonly now: Date },
): Promise<void> {
  const at = now.toISOString();
  await takeTurn(ledger, at);
  const standing = await ledger.publication(DIRECT_TARGET, update.packageId);
  if (standing?.revision !== revision.revision || standing.state !== 'pending') return;
  // Promoted meanwhile: its delivery was woken again.
  if (!isExpired && content.mode === 'metadata' && contentWishOf(standing) === 'full') return;
  const supersededBy = await findSuperseder(ledger, update.packageId);
  const state = isExpired ? 'expired' : supersededBy === null ? 'published' : 'superseded';
  const reason = isExpired ? EXPIRED : supersededBy === null ? null : `${supersededBy} supersedes it`;
  await ledger.putPublication({ ...standing, state, reason, changedAt: at });
  await supersede(ledger, update, at);
  if (state === 'superseded' || !isAtServer) return;
  // The site shows neither before it has synchronised.
  const kind = isExpired ? 'withdraw' : 'follow';
  const { packageId } = update;
  await enqueue(ledger, { kind, packageId, revision: revision.revision }, now, 'when-finished');
}

const EXPIRED =
  'a person expired it: no client is offered it once the site has synchronised; where it is installed it stays';

function notConfigured({ packageId, revision }: DeliverInput): PermanentError {
  return new PermanentError(
    'configuration.invalid',
    'no Software Update Point is configured for direct publishing',
    {
      where: `${packageId} revision ${revision}`,
      expected: 'softwareUpdatePoint.command in the settings',
      found: 'none',
      nextStep: 'set up the Windows bridge (docs/windows-bridge.md); the next sync tries it again',
    },
  );
}
