import { evaluateUpdate } from '../core/evaluate.js';
import type { SignatureReport } from '../core/installer.js';
import type { ApplicabilityState, Machine } from '../core/machine.js';
import type { CanaryMachines, ClientScan, Clock, TrustAnchors } from '../core/ports.js';
import { planCommand, resultOf } from './command.js';
import { type CoreFacts, readCore, readExtended } from './metadata.js';
import { fetchContent, HRESULT, InstallRefused } from './payload.js';
import { extendedInfo } from './wusp/extended.js';
import { type ClientEvent, EVENT, reportEvents, scanEvents } from './wusp/reports.js';
import { type ClientComputer, openSession, type WuspSession } from './wusp/session.js';
import { syncUpdates } from './wusp/sync.js';
import type { WuspTransport } from './wusp/transport.js';

/** What a client computer trusts to install software (Trusted Root and Trusted Publishers). */
export interface ClientTrust {
  readonly anchors: TrustAnchors;
  /** Upper-case SHA-1 thumbprints. */
  readonly trustedPublishers: readonly string[];
}

export interface UpdateClientDeps {
  readonly transport: WuspTransport;
  /** What stands before `/ClientWebService`; through a gateway `https://<cmg>/CCM_Proxy_MutualAuth/<id>`. */
  readonly base: string;
  readonly computer: ClientComputer;
  readonly trust: ClientTrust;
  readonly verifySignature: (bytes: Buffer, anchors: TrustAnchors) => Promise<SignatureReport>;
  readonly run: CanaryMachines['run'];
  /** Absent: each fragment is read anew. */
  readonly readCore?: typeof readCore;
  readonly clock: Clock;
  newId(): string;
}

export type InstallResult =
  | {
      readonly outcome: 'succeeded';
      readonly machine: Machine;
      readonly restart: boolean;
      readonly exitCode: number;
    }
  | {
      readonly outcome: 'failed';
      readonly machine: Machine;
      /** `0x800B0109`. */
      readonly hresult: string;
      readonly reason: string;
      readonly exitCode: number | null;
    };

/** The update agent of one computer. Its methods throw what the transport and `callService` throw. */
export interface UpdateClient {
  scan(machine: Machine): Promise<ClientScan>;
  /** Downloads, checks and runs one update; a refusal is an answer, with the HRESULT an agent would report. */
  install(packageId: string, machine: Machine): Promise<InstallResult>;
}

interface Seen {
  readonly core: CoreFacts;
  readonly revisionId: number;
  readonly action: string;
  readonly state: ApplicabilityState;
}

export function createUpdateClient(deps: UpdateClientDeps): UpdateClient {
  const scan = async (machine: Machine) => {
    const session = await openSession(deps.transport, deps.base, deps.computer, machine, deps.clock.now());
    const seen = withoutSuperseded(await scanOnce(session, machine, deps.readCore ?? readCore));
    const ids = (state: ApplicabilityState) =>
      seen.filter((update) => update.state === state).map((update) => update.core.updateId);
    await reportEvents(session, scanEvents(ids('required'), ids('installed')), reportFacts(deps, machine));
    return { session, seen };
  };
  return {
    async scan(machine) {
      const { seen } = await scan(machine);
      return {
        updates: seen.map(({ core, state }) => ({
          packageId: core.updateId,
          revision: core.revision,
          state,
        })),
      };
    },
    async install(packageId, machine) {
      const { session, seen } = await scan(machine);
      const update = seen.find((entry) => entry.core.updateId === packageId.toLowerCase());
      if (update === undefined) {
        return refusal(
          machine,
          new InstallRefused(HRESULT.notFound, 'the server does not offer this update'),
        );
      }
      return installOne(deps, session, update, machine);
    },
  };
}

async function scanOnce(
  session: WuspSession,
  machine: Machine,
  read: typeof readCore,
): Promise<readonly Seen[]> {
  const installed = new Set<string>();
  const seen: Seen[] = [];
  await syncUpdates(session, (offered) => {
    const core = read(offered.core, session.base);
    // The server hands out what is unlocked; that it did is checked, an order that is wrong would go unnoticed.
    const isUnlocked = core.prerequisites.every((clause) => clause.some((id) => installed.has(id)));
    const state = isUnlocked ? evaluateUpdate(core.rules, machine).state : 'notApplicable';
    if (state === 'installed') installed.add(core.updateId);
    if (core.updateType === 'Software') {
      seen.push({ core, revisionId: offered.revisionId, action: offered.action, state });
    }
    return state === 'installed' ? 'installed' : 'other';
  });
  return seen;
}

/** An update is not needed where a newer one that supersedes it is needed or installed. */
function withoutSuperseded(seen: readonly Seen[]): readonly Seen[] {
  const superseded = new Set(
    seen.filter((update) => update.state !== 'notApplicable').flatMap((update) => update.core.supersedes),
  );
  return seen.map((update) =>
    update.state === 'required' && superseded.has(update.core.updateId)
      ? { ...update, state: 'notApplicable' }
      : update,
  );
}

async function installOne(
  deps: UpdateClientDeps,
  session: WuspSession,
  update: Seen,
  machine: Machine,
): Promise<InstallResult> {
  const about = { updateId: update.core.updateId, revision: update.core.revision };
  const report = (...events: readonly ClientEvent[]) =>
    reportEvents(session, events, reportFacts(deps, machine));
  const event = (
    eventId: number,
    hresult = 0,
    texts: readonly string[] = [],
    misc: readonly string[] = [],
  ) => ({
    eventId,
    update: about,
    hresult,
    replacementStrings: texts,
    miscData: misc,
  });
  const { extended, localized, locations } = await extendedInfo(session, [update.revisionId]);
  const title = titleOf(localized.get(update.revisionId));
  try {
    if (update.state !== 'required') {
      throw new InstallRefused(HRESULT.notApplicable, `the update is ${update.state} on this computer`);
    }
    const details = readExtended(extended.get(update.revisionId) ?? '', session.base);
    const content = await fetchContent(deps, details, locations);
    const command = planCommand(details.handler, content.members);
    await report(
      event(EVENT.downloadStarted, 0, [title]),
      event(EVENT.downloadSucceeded, 0, [title], [`B=${content.sizeBytes}`]),
      event(EVENT.installStarted, 0, [title]),
    );
    const ran = await deps.run(machine, command.file, command.commandLine);
    const result = resultOf(details.handler, ran.exitCode);
    if (result.outcome === 'failed') {
      throw new InstallRefused(
        HRESULT.installFailed,
        `the installer ended with ${ran.exitCode}`,
        ran.exitCode,
      );
    }
    const eventId = result.restart ? EVENT.installSucceededRestart : EVENT.installSucceeded;
    await report(event(eventId, 0, [title]));
    return { outcome: 'succeeded', machine: ran.machine, restart: result.restart, exitCode: ran.exitCode };
  } catch (error) {
    if (!(error instanceof InstallRefused)) throw error;
    await report(...failureEvents(error, title, event));
    return refusal(machine, error);
  }
}

/** The order a real agent reports in when the download was refused: 167, 161 with the cause, 181, 182 not downloaded. */
function failureEvents(
  error: InstallRefused,
  title: string,
  event: (eventId: number, hresult?: number, texts?: readonly string[]) => ClientEvent,
): readonly ClientEvent[] {
  const failed = (hresult: number) => event(EVENT.installFailed, hresult, [hex(hresult), title]);
  if (error.phase === 'install') return [failed(error.hresult)];
  return [
    event(EVENT.downloadStarted, 0, [title]),
    event(EVENT.downloadFailed, error.hresult, [title]),
    event(EVENT.installStarted, 0, [title]),
    failed(HRESULT.notDownloaded),
  ];
}

function refusal(machine: Machine, error: InstallRefused): InstallResult {
  return {
    outcome: 'failed',
    machine,
    hresult: hex(error.hresult),
    reason: error.message,
    exitCode: error.exitCode,
  };
}

function hex(hresult: number): string {
  return `0x${(hresult >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;
}

function titleOf(localized: string | undefined): string {
  return /<Title>([^<]{1,200})<\/Title>/.exec(localized ?? '')?.[1] ?? 'update';
}

function reportFacts(deps: UpdateClientDeps, machine: Machine) {
  return { now: deps.clock.now(), newId: deps.newId, os: machine.os };
}
