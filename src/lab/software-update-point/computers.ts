import type { LabDatabase } from './database.js';
import type { ClientSession } from './wusp/cookies.js';
import type { ReportedEvent } from './wusp/reports.js';

/** As WSUS counts them: 2, 4 and 5 (`UpdateInstallationState`). */
export type ReportedState = 'NotInstalled' | 'Installed' | 'Failed';

export interface Computer {
  /** The site's number of it. */
  readonly resourceId: number;
  readonly clientId: string;
  readonly dnsName: string;
  readonly osDescription: string;
  readonly lastReportAt: string | null;
  /** By update id: what the server derives from reports. */
  readonly states: Readonly<Record<string, ReportedState>>;
  readonly lastFault: string | null;
}

/** The computers that this server knows, and what they reported. */
export interface Computers {
  register(clientId: string, dnsName: string, osDescription: string): void;
  /** All of one batch, or none of it. */
  record(events: readonly ReportedEvent[]): void;
  /** What one has been told of until; null: it was never told anything. ISO 8601. */
  toldUntil(clientId: string): string | null;
  told(session: Pick<ClientSession, 'clientId' | 'toldUntil'>): void;
  all(): readonly Computer[];
}

const STATUS_EVENT = 156;
const INSTALL_FAILED = 182;
/** WU_E_DM_NOTDOWNLOADED: the event of the download before it says why. */
const NOT_DOWNLOADED = '0x80246007';
/** Older ones of a computer are forgotten. */
const EVENTS_PER_COMPUTER = 1000;

export function openComputers(database: LabDatabase): Computers {
  const register = database.prepare(
    `insert into computers (client_id, dns_name, os_description) values (?, ?, ?)
     on conflict (client_id) do update set dns_name = excluded.dns_name, os_description = excluded.os_description`,
  );
  const record = createRecorder(database);
  const told = database.prepare('insert or replace into told (client_id, until) values (?, ?)');
  const until = database.prepare('select until from told where client_id = ?');
  return {
    toldUntil: (clientId) => (until.get(clientId) as { readonly until: string } | undefined)?.until ?? null,
    told: ({ clientId, toldUntil }) => {
      told.run(clientId, toldUntil);
    },
    register: (...computer) => {
      register.run(...computer);
    },
    record: database.transaction((events: readonly ReportedEvent[]) => {
      for (const event of events) record(event);
    }),
    all: () => readComputers(database),
  };
}

/**
 * What a real server derives: NotInstalled from U, Installed from V of event 156, Failed from 182; what a newer 156
 * does not name is removed; other events change no status, and 156 itself is not kept as an event.
 */
function createRecorder(database: LabDatabase): (event: ReportedEvent) => void {
  const seen = database.prepare('update computers set last_report_at = ? where client_id = ?');
  const forget = database.prepare('delete from update_states where client_id = ?');
  const stand = database.prepare(
    'insert or replace into update_states (client_id, update_id, state) values (?, ?, ?)',
  );
  const fault = database.prepare('update computers set last_fault = ? where client_id = ?');
  const keep = database.prepare(
    'insert into events (client_id, event_id, at, update_id, revision, hresult, texts) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const prune = database.prepare(
    `delete from events where client_id = ?1 and id <=
     (select id from events where client_id = ?1 order by id desc limit 1 offset ${EVENTS_PER_COMPUTER})`,
  );
  return (event) => {
    const { clientId, eventId, at, updateId, revision, hresult } = event;
    // Reports of a computer that never registered are answered, and lead nowhere.
    if (seen.run(at, clientId).changes === 0) return;
    if (eventId === STATUS_EVENT) {
      forget.run(clientId);
      for (const id of event.needed) stand.run(clientId, id, 'NotInstalled');
      for (const id of event.installed) stand.run(clientId, id, 'Installed');
    } else {
      if (eventId === INSTALL_FAILED && updateId !== null) stand.run(clientId, updateId, 'Failed');
      keep.run(clientId, eventId, at, updateId, revision, hresult, JSON.stringify(event.replacementStrings));
      prune.run(clientId);
    }
    if (hresult !== null && hresult !== NOT_DOWNLOADED) fault.run(`event ${eventId}: ${hresult}`, clientId);
  };
}

interface ComputerRow {
  readonly id: number;
  readonly client_id: string;
  readonly dns_name: string;
  readonly os_description: string;
  readonly last_report_at: string | null;
  readonly last_fault: string | null;
}

interface StateRow {
  readonly client_id: string;
  readonly update_id: string;
  readonly state: ReportedState;
}

export function readComputers(database: LabDatabase): readonly Computer[] {
  const states = new Map<string, Record<string, ReportedState>>();
  const rows = database.prepare('select client_id, update_id, state from update_states').all() as StateRow[];
  for (const { client_id, update_id, state } of rows) {
    const known = states.get(client_id) ?? {};
    known[update_id] = state;
    states.set(client_id, known);
  }
  const computers = database
    .prepare('select rowid as id, * from computers order by rowid')
    .all() as ComputerRow[];
  return computers.map((row) => ({
    resourceId: row.id,
    clientId: row.client_id,
    dnsName: row.dns_name,
    osDescription: row.os_description,
    lastReportAt: row.last_report_at,
    states: states.get(row.client_id) ?? {},
    lastFault: row.last_fault,
  }));
}
