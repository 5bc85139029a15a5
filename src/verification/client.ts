import type { SignatureReport } from '../core/installer.js';
import type { Machine } from '../core/machine.js';
import type { CanaryMachines, ClientScan, Clock, TrustAnchors } from '../core/ports.js';
import { planCommand, resultOf } from './command.js';
import {
  describeHresult,
  eventOf,
  eventsOfDownload,
  eventsOfRefusal,
  eventsOfScan,
} from './install-events.js';
import { inFreshFolder } from './fresh-folder.js';
import { readExtended, titleOf, type readCore } from './metadata.js';
import { fetchContent, HRESULT, InstallRefused } from './payload.js';
import { type Scan, scanServer } from './scan.js';
import { contentAddress } from './wusp/content.js';
import { extendedInfo } from './wusp/extended.js';
import { type ClientEvent, EVENT, reportEvents } from './wusp/reports.js';
import { type ClientComputer, openSession, type WuspSession } from './wusp/session.js';
import type { WuspTransport } from './wusp/transport.js';

/** What a client computer trusts to install software (Trusted Root and Trusted Publishers). */
export interface ClientTrust {
  readonly anchors: TrustAnchors;
  /** Upper-case SHA-1 thumbprints; null: whoever the roots vouch for. */
  readonly trustedPublishers: readonly string[] | null;
}

export interface UpdateClientDeps {
  readonly transport: WuspTransport;
  /** What stands before `/ClientWebService`; through a gateway `https://<cmg>/CCM_Proxy_MutualAuth/<id>`. */
  readonly base: string;
  readonly computer: ClientComputer;
  readonly trust: ClientTrust;
  /** Of a file. */
  readonly verifySignature: (path: string, anchors: TrustAnchors) => Promise<SignatureReport>;
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

export function createUpdateClient(deps: UpdateClientDeps): UpdateClient {
  const scan = async (machine: Machine) => {
    const { transport, base, computer, clock } = deps;
    const session = await openSession({ transport, base, computer, machine, now: () => clock.now() });
    const found = await scanServer(session, new Map(), deps.readCore);
    await reportEvents(session, eventsOfScan(found), reportFacts(deps, machine));
    return { session, found };
  };
  return {
    async scan(machine) {
      return { updates: softwareIn((await scan(machine)).found).map(({ update }) => update) };
    },
    async install(packageId, machine) {
      const { session, found } = await scan(machine);
      const seen = softwareIn(found).find(({ update }) => update.packageId === packageId.toLowerCase());
      if (seen !== undefined) {
        return inFreshFolder((folder) => installOne({ ...deps, folder }, session, seen, machine));
      }
      const unknown = new InstallRefused(HRESULT.notFound, 'the server does not offer this update');
      return refusal(machine, unknown);
    },
  };
}

interface Seen {
  readonly revisionId: number;
  readonly update: ClientScan['updates'][number];
}

/** An update that is superseded is none that applies. */
function softwareIn({ updates }: Scan): readonly Seen[] {
  return updates.flatMap(({ revisionId, known, state }) => {
    if (known?.core.updateType !== 'Software') return [];
    const { updateId: packageId, revision } = known.core;
    const applies = state === 'installed' || state === 'required' ? state : 'notApplicable';
    return [{ revisionId, update: { packageId, revision, state: applies } }];
  });
}

async function installOne(
  deps: UpdateClientDeps & { readonly folder: string },
  session: WuspSession,
  { revisionId, update }: Seen,
  machine: Machine,
): Promise<InstallResult> {
  const report = (...events: readonly ClientEvent[]) =>
    reportEvents(session, events, reportFacts(deps, machine));
  const { extended, localized, locations } = await extendedInfo(session, [revisionId]);
  const title = titleOf(localized.get(revisionId)) ?? 'update';
  const about = { updateId: update.packageId, revision: update.revision, title };
  const content = { ...deps, addressOf: (url: string) => contentAddress(deps.base, url) };
  try {
    if (update.state !== 'required') {
      throw new InstallRefused(HRESULT.notApplicable, `the update is ${update.state} on this computer`);
    }
    const details = readExtended(extended.get(revisionId) ?? '', session.base);
    const files = await fetchContent(content, details, locations);
    const command = planCommand(details.handler, files);
    const sizeBytes = files.reduce((sum, { expected }) => sum + expected.sizeBytes, 0);
    await report(...eventsOfDownload(about, sizeBytes), eventOf(about, EVENT.installStarted));
    const installer = { name: command.file.name, bytes: command.file.read() };
    const ran = await deps.run(machine, installer, command.commandLine);
    const result = resultOf(details.handler, ran.exitCode);
    if (result.outcome === 'failed') {
      throw new InstallRefused(
        HRESULT.installFailed,
        `the installer ended with ${ran.exitCode}`,
        ran.exitCode,
      );
    }
    await report(eventOf(about, result.restart ? EVENT.installSucceededRestart : EVENT.installSucceeded));
    return { outcome: 'succeeded', machine: ran.machine, restart: result.restart, exitCode: ran.exitCode };
  } catch (error) {
    if (!(error instanceof InstallRefused)) throw error;
    await report(...eventsOfRefusal(about, error));
    return refusal(machine, error);
  }
}

function refusal(machine: Machine, error: InstallRefused): InstallResult {
  return {
    outcome: 'failed',
    machine,
    hresult: describeHresult(error.hresult),
    reason: error.message,
    exitCode: error.exitCode,
  };
}

function reportFacts(deps: UpdateClientDeps, machine: Machine) {
  return { now: deps.clock.now(), newId: deps.newId, os: machine.os };
}
