import type { Computers } from './state.js';
import type { ReportedEvent } from './wusp/reports.js';

const STATUS_EVENT = 156;
const INSTALL_FAILED = 182;
/** WU_E_DM_NOTDOWNLOADED: the event of the download before it says why. */
const NOT_DOWNLOADED = '0x80246007';

export function registerComputer(
  computers: Computers,
  clientId: string,
  dnsName: string,
  osDescription: string,
): void {
  const known = computers[clientId];
  computers[clientId] = {
    clientId,
    dnsName,
    osDescription,
    lastReportAt: known?.lastReportAt ?? null,
    states: known?.states ?? {},
    lastFault: known?.lastFault ?? null,
  };
}

/**
 * What a real server derives: NotInstalled from U, Installed from V of event 156, Failed from 182; what a newer 156
 * does not name is removed; other events change no status.
 */
export function recordEvents(computers: Computers, events: readonly ReportedEvent[]): void {
  for (const event of events) {
    const computer = computers[event.clientId];
    if (computer === undefined) continue;
    computer.lastReportAt = event.at;
    if (event.eventId === STATUS_EVENT) {
      computer.states = Object.fromEntries([
        ...event.needed.map((id) => [id, 'NotInstalled'] as const),
        ...event.installed.map((id) => [id, 'Installed'] as const),
      ]);
    } else if (event.eventId === INSTALL_FAILED && event.updateId !== null) {
      computer.states[event.updateId] = 'Failed';
    }
    if (event.hresult === null || event.hresult === NOT_DOWNLOADED) continue;
    computer.lastFault = `event ${event.eventId}: ${event.hresult}`;
  }
}
