import type { ApplicabilityState } from '../../core/machine.js';
import { describeHresult } from '../install-events.js';
import { detectLoop, type LoopVerdict, type Tally } from '../loop.js';
import type { DeviceReport, DeviceUpdate } from './report.js';

export interface DeviceState {
  readonly device: string;
  readonly state: ApplicabilityState;
  /** When the device's agent looked last. */
  readonly scanAt: string | null;
  readonly isOnInternet: boolean | null;
  /** What the agent stumbled over: `0x800B0109`. */
  readonly fault: string | null;
}

export interface DeviceVerdict {
  readonly updateId: string;
  /** Each device as it stands. */
  readonly devices: readonly DeviceState[];
  /** True: a device over the internet needed it in an earlier report and has it now. */
  readonly isProven: boolean;
  /** Those that had it in an earlier report and need it now. */
  readonly inNeedAgain: readonly string[];
  readonly loop: LoopVerdict;
}

/** What the devices' reports say of one update, those of all times together. Pure. */
export function judgeDevices(updateId: string, reports: readonly DeviceReport[]): DeviceVerdict {
  const about = reports
    .flatMap((report) => {
      const update = report.updates.find(({ id }) => id === updateId);
      return update === undefined ? [] : [{ report, update }];
    })
    .sort((one, other) => Date.parse(one.report.at) - Date.parse(other.report.at));
  const names = new Set(about.map(({ report }) => report.device));
  const histories = [...names].map((name) => about.filter(({ report }) => report.device === name));
  return {
    updateId,
    devices: histories.flatMap((history) => {
      const last = history.at(-1);
      return last === undefined ? [] : [standingOf(last)];
    }),
    isProven: histories.some(isProof),
    inNeedAgain: histories.filter(isNeedAgain).flatMap(([first]) => first?.report.device ?? []),
    loop: detectLoop(talliesOf(about)),
  };
}

interface Seen {
  readonly report: DeviceReport;
  readonly update: DeviceUpdate;
}

function standingOf({ report, update }: Seen): DeviceState {
  const { device, isOnInternet } = report;
  const { scanAt, errorCode } = update;
  const fault = errorCode === null || errorCode === 0 ? null : describeHresult(errorCode);
  return { device, state: stateOf(update), scanAt, isOnInternet, fault };
}

function stateOf({ status }: DeviceUpdate): ApplicabilityState {
  if (status?.toLowerCase() === 'installed') return 'installed';
  return status?.toLowerCase() === 'missing' ? 'required' : 'notApplicable';
}

/** Only the change proves anything: a device that always had it proves nothing. */
function isProof(history: readonly Seen[]): boolean {
  const needed = history.findIndex(({ update }) => stateOf(update) === 'required');
  const last = history.at(-1);
  return (
    needed >= 0 &&
    last !== undefined &&
    stateOf(last.update) === 'installed' &&
    last.report.isOnInternet === true
  );
}

function isNeedAgain(history: readonly Seen[]): boolean {
  const last = history.at(-1);
  return (
    last !== undefined &&
    stateOf(last.update) === 'required' &&
    history.some(({ update }) => stateOf(update) === 'installed')
  );
}

/** One for each time at which a device reported, of what all had said last; only installs that did not help count. */
function talliesOf(about: readonly Seen[]): readonly Tally[] {
  const latest = new Map<string, DeviceUpdate>();
  return about.map(({ report, update }) => {
    latest.set(report.device, update);
    const inNeed = [...latest.values()].filter((one) => stateOf(one) === 'required');
    const installs = inNeed.reduce((sum, one) => sum + one.installs, 0);
    return { at: report.at, required: inNeed.length, installs };
  });
}
