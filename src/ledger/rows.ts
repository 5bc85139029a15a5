import type { Selectable } from 'kysely';
import type { InstallerRecord, WorkRecord } from '../core/records.js';
import type { WorkTable } from './schema.js';

/** JSON of a record; a certificate's bytes travel as `{"$base64": ...}`. */
export function encodeRecord(record: unknown): string {
  return JSON.stringify(record, (_key, value) => {
    if (isBufferJson(value)) return { $base64: Buffer.from(value.data).toString('base64') };
    return value;
  });
}

export function decodeRecord<T>(text: string): T {
  // A reviver visits every member; most records hold no bytes.
  if (!text.includes('"$base64"')) return JSON.parse(text) as T;
  return JSON.parse(text, (_key, value) =>
    typeof value === 'object' && value !== null && typeof value.$base64 === 'string'
      ? Buffer.from(value.$base64, 'base64')
      : value,
  ) as T;
}

export function decoded<T>(row: { record: string } | undefined): T | null {
  return row === undefined ? null : decodeRecord<T>(row.record);
}

export function decodedAll<T>(rows: readonly { readonly record: string }[]): readonly T[] {
  return rows.map((row) => decodeRecord<T>(row.record));
}

/** `JSON.stringify` has already called `Buffer.toJSON` when the replacer sees the value. */
function isBufferJson(value: unknown): value is { type: 'Buffer'; data: number[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { type?: unknown }).type === 'Buffer' &&
    Array.isArray((value as { data?: unknown }).data)
  );
}

/** Whether two acquisitions are the same file: the bytes decide, not when or from where they came. */
export function sameFile(a: InstallerRecord, b: InstallerRecord): boolean {
  return a.sha256 === b.sha256;
}

/** The update that a job's input names, if any. */
export function packageIdIn(input: unknown): string | null {
  if (typeof input !== 'object' || input === null || !('packageId' in input)) return null;
  return typeof input.packageId === 'string' ? input.packageId : null;
}

export function workRecord(row: Selectable<WorkTable>): WorkRecord {
  return {
    id: row.id,
    stage: row.stage as WorkRecord['stage'],
    key: row.key,
    input: JSON.parse(row.input),
    state: row.state as WorkRecord['state'],
    token: row.token,
    attempt: row.attempt,
    code: row.code,
    reason: row.reason,
    nextStep: row.next_step,
    product: row.product,
    version: row.version,
    variant: row.variant,
    packageId: row.package_id,
    leaseUntil: row.lease_until,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  };
}
