import { HRESULT, type InstallRefused } from './payload.js';
import { type ClientEvent, EVENT, scanEvents } from './wusp/reports.js';
import type { Scan, ScannedUpdate } from './scan.js';

/** An update as events name it. */
export interface ReportedUpdate {
  readonly updateId: string;
  readonly revision: number;
  readonly title: string;
  /** Of a member of a bundle: the bundle. */
  readonly parent?: { readonly updateId: string; readonly revision: number };
}

/** 147 and 156: what a scan found. Only leaves count, and no members of bundles. */
export function eventsOfScan({ updates }: Scan): readonly ClientEvent[] {
  const ids = (state: ScannedUpdate['state']) =>
    updates.flatMap(({ known, state: own, isLeaf, action }) =>
      own === state && isLeaf && action !== 'Bundle' && known?.core.updateType === 'Software'
        ? [known.core.updateId]
        : [],
    );
  return scanEvents(ids('required'), ids('installed'));
}

/** 167 and 162: the content came and was trusted. */
export function eventsOfDownload(update: ReportedUpdate, sizeBytes: number): readonly ClientEvent[] {
  return [
    eventOf(update, EVENT.downloadStarted),
    { ...eventOf(update, EVENT.downloadSucceeded), miscData: [`B=${sizeBytes}`] },
  ];
}

/** The order a real agent reports in when the download was refused: 167, 161 with the cause, 181, 182 not downloaded. */
export function eventsOfRefusal(update: ReportedUpdate, error: InstallRefused): readonly ClientEvent[] {
  const failed = (hresult: number): ClientEvent => ({
    ...eventOf(update, EVENT.installFailed, hresult, [describeHresult(hresult), update.title]),
    miscData: update.parent === undefined ? [] : [`M=${memberOf(update.parent)}`],
  });
  if (error.phase === 'install') return [failed(error.hresult)];
  return [
    eventOf(update, EVENT.downloadStarted),
    eventOf(update, EVENT.downloadFailed, error.hresult),
    eventOf(update, EVENT.installStarted),
    failed(HRESULT.notDownloaded),
  ];
}

export function eventOf(
  update: ReportedUpdate,
  eventId: number,
  hresult = 0,
  replacementStrings: readonly string[] = [update.title],
): ClientEvent {
  const { updateId, revision } = update;
  return { eventId, update: { updateId, revision }, hresult, replacementStrings, miscData: [] };
}

function memberOf(parent: { readonly updateId: string; readonly revision: number }): string {
  return `${parent.updateId.toUpperCase()};${parent.revision}`;
}

/** `0x800B0109`. */
export function describeHresult(hresult: number): string {
  return `0x${(hresult >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;
}
