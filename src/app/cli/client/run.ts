import { randomUUID } from 'node:crypto';
import { describeFault } from '../../../core/errors.js';
import { verifyFileSignature } from '../../../trust/index.js';
import { eventsOfScan, type ReportedUpdate } from '../../../verification/install-events.js';
import { inFreshFolder } from '../../../verification/fresh-folder.js';
import { checkInstall, type InstallCheck } from '../../../verification/install-check.js';
import { titleOf } from '../../../verification/metadata.js';
import { metered, type Traffic } from '../../../verification/meter.js';
import { type Scan, type ScannedUpdate, scanServer } from '../../../verification/scan.js';
import { createHttpsTransport } from '../../../verification/transport.js';
import { type ExtendedAnswer, extendedInfo, localesFor } from '../../../verification/wusp/extended.js';
import { type ClientEvent, reportEvents } from '../../../verification/wusp/reports.js';
import { openSession, type WuspSession } from '../../../verification/wusp/session.js';
import type { ClientInputs } from './inputs.js';
import { type ClientState, loadState, saveState } from './state.js';

/** Agents send few at a time, and no page tells how many a server takes. */
const EVENTS_PER_BATCH = 100;

export interface ClientRun {
  readonly base: string;
  readonly clientId: string;
  readonly scan: Scan;
  /** True: it began with what an earlier scan had been told. */
  readonly isDelta: boolean;
  readonly info: ExtendedAnswer;
  /** Null: it was only scanned. */
  readonly installs: readonly InstallCheck[] | null;
  readonly isReported: boolean;
  /** Why the server did not take the report. */
  readonly reportFault: string | null;
  readonly traffic: Traffic;
  readonly seconds: number;
}

/** One scan of the server and, for `install`, the updates tried up to where they would run. Errors of the client. */
export async function runClient(
  inputs: ClientInputs,
  verb: 'scan' | 'install',
  state: ClientState = loadState(inputs.statePath, inputs.base),
): Promise<ClientRun> {
  const startedMs = performance.now();
  const { base, credentials, timeoutMs } = inputs;
  const origin = new URL(base).origin;
  const wire = createHttpsTransport({ ...credentials, hosts: {}, timeoutMs, credentialsFor: origin });
  const { transport, traffic } = metered(wire);
  try {
    const isDelta = state.cache.size > 0;
    const session = await openSession(
      {
        transport,
        base,
        computer: { clientId: state.clientId, dnsName: inputs.dnsName },
        machine: inputs.machine,
        now: () => new Date(),
      },
      state.handshake,
    );
    const found = await scanOnce(session, state, inputs, verb === 'install');
    return { base, clientId: state.clientId, isDelta, ...found, traffic, seconds: secondsSince(startedMs) };
  } finally {
    wire.close();
  }
}

async function scanOnce(session: WuspSession, state: ClientState, inputs: ClientInputs, isInstall: boolean) {
  const scan = await scanServer(session, state.cache);
  const info = await extendedInfo(session, worthTelling(scan, inputs), localesFor(inputs.locale));
  const installs = isInstall ? await tryInstalls(session, scan, info, inputs) : null;
  const events = [...eventsOfScan(scan), ...(installs ?? []).flatMap((install) => install.events)];
  const reportFault = inputs.isReported ? await report(session, events) : null;
  if (inputs.statePath !== null) {
    saveState(inputs.statePath, { ...state, base: inputs.base, handshake: session.handshake });
  }
  return { scan, info, installs, isReported: inputs.isReported && reportFault === null, reportFault };
}

/** Of what applies an agent asks the details; where one update is named, of that one and its members. */
function worthTelling({ updates }: Scan, { updateId }: ClientInputs): readonly number[] {
  const named = updateId === null ? null : withMembers(updates, updateId);
  const wanted = updates.filter(({ known, state }) => {
    if (known === null) return false;
    if (named !== null) return named.has(known.core.updateId);
    return /^(Software|Driver)$/.test(known.core.updateType) && state !== 'notApplicable';
  });
  return wanted.map(({ revisionId }) => revisionId);
}

function withMembers(updates: readonly ScannedUpdate[], updateId: string): ReadonlySet<string> {
  const members = new Map(
    updates.map(({ known }) => [known?.core.updateId, known?.core.bundled.flat() ?? []]),
  );
  const found = new Set([updateId]);
  // A set is walked to its end, also to what is added on the way.
  for (const id of found) for (const member of members.get(id) ?? []) found.add(member);
  return found;
}

/** Content goes to the folder that was named, where it stays, or to one that is removed. */
function tryInstalls(
  session: WuspSession,
  scan: Scan,
  info: ExtendedAnswer,
  inputs: ClientInputs,
): Promise<readonly InstallCheck[]> {
  const { trust, addressOf } = inputs;
  const tryAll = async (folder: string) => {
    const content = {
      transport: session.transport,
      trust,
      addressOf,
      folder,
      verifySignature: async (path: string, anchors: typeof trust.anchors) =>
        verifyFileSignature(path, anchors, new Date()),
    };
    const checks: InstallCheck[] = [];
    for (const { update, parent } of toInstall(scan, inputs.updateId)) {
      const about = describeUpdate(update, info, parent);
      if (about !== null) checks.push(await checkInstall(content, about, update, info));
    }
    return checks;
  };
  return inputs.filesFolder === null ? inFreshFolder(tryAll) : tryAll(inputs.filesFolder);
}

interface Candidate {
  readonly update: ScannedUpdate;
  /** The bundle that it is a member of. */
  readonly parent: ScannedUpdate | null;
}

/** The update that was named, else all that are required; of a bundle its required members. */
function toInstall({ updates }: Scan, updateId: string | null): readonly Candidate[] {
  const byId = new Map(updates.map((update) => [update.known?.core.updateId, update]));
  const open = new Set<ScannedUpdate>();
  const expand = (update: ScannedUpdate, parent: ScannedUpdate | null): readonly Candidate[] => {
    const members = update.known?.core.bundled.flat() ?? [];
    if (members.length === 0 || update.state !== 'required' || open.has(update)) return [{ update, parent }];
    open.add(update);
    const required = members.flatMap((id) => byId.get(id) ?? []).filter(({ state }) => state === 'required');
    return required.flatMap((member) => expand(member, update));
  };
  const named = updates.filter(({ known, state, action }) =>
    updateId === null
      ? state === 'required' && action !== 'Bundle' && known?.core.updateType === 'Software'
      : known?.core.updateId === updateId,
  );
  return named.flatMap((update) => expand(update, null));
}

function describeUpdate(
  { known, revisionId }: ScannedUpdate,
  info: ExtendedAnswer,
  parent: ScannedUpdate | null,
): ReportedUpdate | null {
  if (known === null) return null;
  const { updateId, revision } = known.core;
  const title = titleOf(info.localized.get(revisionId)) ?? updateId;
  const bundle = parent?.known?.core;
  return {
    updateId,
    revision,
    title,
    ...(bundle === undefined ? {} : { parent: { updateId: bundle.updateId, revision: bundle.revision } }),
  };
}

/** Null, or why the server did not take it: what was found is told all the same. */
async function report(session: WuspSession, events: readonly ClientEvent[]): Promise<string | null> {
  const facts = { now: session.now(), newId: randomUUID, os: session.machine.os };
  try {
    for (let at = 0; at < events.length; at += EVENTS_PER_BATCH) {
      await reportEvents(session, events.slice(at, at + EVENTS_PER_BATCH), facts);
    }
    return null;
  } catch (error) {
    return describeFault(error);
  }
}

function secondsSince(startedMs: number): number {
  return Math.round(performance.now() - startedMs) / 1000;
}
