import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';

export type LabDatabase = Database.Database;

const SCHEMA = `
create table if not exists documents (name text primary key, json text not null);
create table if not exists computers (
  client_id text primary key, dns_name text not null, os_description text not null,
  last_report_at text, last_fault text
);
create table if not exists told (client_id text primary key, until text not null) without rowid;
create table if not exists deployments (
  revision_id integer primary key, action text not null, is_leaf integer not null, changed_at text not null
);
create table if not exists update_states (
  client_id text not null, update_id text not null, state text not null, primary key (client_id, update_id)
) without rowid;
create table if not exists events (
  id integer primary key, client_id text not null, event_id integer not null, at text not null,
  update_id text, revision integer not null, hresult text, texts text not null
);
create index if not exists events_of_client on events (client_id, id);
create table if not exists revisions (
  update_id text not null, revision integer not null, revision_id integer not null unique,
  deployment_id integer not null, changed_at text not null, primary key (update_id, revision)
) without rowid;
`;

/** What the server remembers, in one file; whole after a kill at any moment. */
export function openDatabase(folder: string): LabDatabase {
  mkdirSync(folder, { recursive: true });
  const database = new Database(databaseFile(folder));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  // Another process may be reading: `lab sup status`.
  database.pragma('busy_timeout = 5000');
  database.exec(SCHEMA);
  return database;
}

export function databaseFile(folder: string): string {
  return join(folder, 'server.db');
}
