import { printable } from '../../../core/errors.js';
import type { InstallHandler } from '../../../core/update.js';
import type { InstallCheck } from '../../../verification/install-check.js';
import { titleOf } from '../../../verification/metadata.js';
import type { ScannedUpdate } from '../../../verification/scan.js';
import { MAX_TRIPS } from '../../../verification/wusp/sync.js';
import type { ClientRun } from './run.js';

/** The one JSON document of a run. */
export function runFacts(run: ClientRun, updateId: string | null) {
  const { base, clientId, isDelta, isReported, reportFault, traffic, seconds, scan, installs } = run;
  const updates = scan.updates.filter(({ known }) => updateId === null || known?.core.updateId === updateId);
  return {
    server: base,
    clientId,
    isDelta,
    trips: scan.trips,
    maxTrips: MAX_TRIPS,
    ...traffic,
    seconds,
    seen: scan.updates.length,
    counts: countsOf(run),
    isReported,
    reportFault,
    updates: updates.map((update) => updateFacts(update, run, updateId !== null)),
    ...(installs === null ? {} : { installs: installs.map(installFacts) }),
  };
}

/** By state; of software and drivers, and not of members of bundles. */
function countsOf({ scan }: ClientRun): Readonly<Record<ScannedUpdate['state'], number>> {
  const counts = { installed: 0, required: 0, notApplicable: 0, superseded: 0, failed: 0 };
  for (const update of scan.updates) if (isShown(update)) counts[update.state] += 1;
  return counts;
}

function isShown({ known, action }: ScannedUpdate): boolean {
  return known === null || (/^(Software|Driver)$/.test(known.core.updateType) && action !== 'Bundle');
}

function updateFacts(update: ScannedUpdate, { info }: ClientRun, withTrace: boolean) {
  const { revisionId, action, isLeaf, state, why, unknown, supersededBy, known } = update;
  return {
    updateId: known?.core.updateId ?? null,
    revision: known?.core.revision ?? null,
    revisionId,
    type: known?.core.updateType ?? null,
    title: titleOf(info.localized.get(revisionId)),
    action,
    isLeaf,
    state,
    why,
    unknown,
    ...(supersededBy === undefined ? {} : { supersededBy }),
    ...(known === null || known.core.bundled.length === 0 ? {} : { members: known.core.bundled }),
    ...(withTrace && known !== null ? { trace: known.evaluation.trace } : {}),
  };
}

function installFacts({ events, handler, ...check }: InstallCheck) {
  return {
    ...check,
    isRun: false,
    returnCodes: returnCodesOf(handler),
    reported: events.map(({ eventId }) => eventId),
  };
}

const MSI_RETURN_CODES = [
  { code: 0, result: 'Succeeded', reboot: false },
  { code: 1641, result: 'Succeeded', reboot: true },
  { code: 3010, result: 'Succeeded', reboot: true },
];

/** What the exit code means; every other one is `default`. Windows Installer's own are its own. */
function returnCodesOf(handler: InstallHandler | null) {
  if (handler === null || handler.kind === 'Unrecognised') return null;
  if (handler.kind !== 'CommandLineInstallerData') {
    return { codes: MSI_RETURN_CODES, default: { result: 'Failed', reboot: false } };
  }
  const { returnCodes, defaultResult: result, rebootByDefault: reboot } = handler;
  return {
    codes: returnCodes.map((one) => ({ ...one, reboot: one.reboot ?? false })),
    default: { result, reboot },
  };
}

/** For people: the software of the server, what it takes to install, and what the scan has cost. */
export function describeRun(run: ClientRun, updateId: string | null): string {
  const { scan, traffic, seconds, isDelta, installs, isReported, reportFault } = run;
  const shown = scan.updates.filter((update) =>
    updateId === null ? isShown(update) : update.known?.core.updateId === updateId,
  );
  const counts = Object.entries(countsOf(run)).map(([state, count]) => `${count} ${state}`);
  return [
    ...shown.map((update) => describeUpdate(update, run)),
    ...(installs ?? []).flatMap(describeInstall),
    `${scan.updates.length} updates and categories seen; of the software ${counts.join(', ')}.`,
    `${isDelta ? 'Delta scan' : 'Full scan'}: ${scan.trips} of at most ${MAX_TRIPS} trips, ${traffic.requests} requests, ` +
      `${traffic.sentBytes} bytes sent, ${traffic.receivedBytes} received, ${seconds} s; ${isReported ? 'reported' : 'not reported'}.`,
    ...(reportFault === null ? [] : [`The server did not take the report: ${reportFault}`]),
  ]
    .map((line) => printable(line, 1000))
    .join('\n');
}

function describeUpdate({ revisionId, state, why, known }: ScannedUpdate, { info }: ClientRun): string {
  const title = titleOf(info.localized.get(revisionId));
  const id = known === null ? `revision ${revisionId}` : `${known.core.updateId} r${known.core.revision}`;
  return `${state.padEnd(13)}  ${id}  ${title === null ? '' : `${title}  `}(${why})`;
}

function describeInstall(check: InstallCheck): readonly string[] {
  const { updateId, revision, title, outcome, hresult, reason, files, command, handler } = check;
  if (command === null)
    return [`${outcome.padEnd(13)}  ${updateId} r${revision}  ${title}  ${hresult}: ${reason}`];
  const codes = returnCodesOf(handler);
  const meaning = (one: { result: string; reboot: boolean }) =>
    `${one.result}${one.reboot ? ' and restart' : ''}`;
  return [
    `${outcome.padEnd(13)}  ${updateId} r${revision}  ${title}`,
    ...files.map(
      (file) =>
        `  ${file.name}: ${file.sizeBytes} bytes, digests as told, signed by ${file.signer ?? 'nobody'}`,
    ),
    `  would run (it was not): ${command.line}`,
    ...(codes === null
      ? []
      : [
          `  exit codes: ${codes.codes.map((one) => `${one.code} ${meaning(one)}, `).join('')}any other ${meaning(codes.default)}`,
        ]),
  ];
}
