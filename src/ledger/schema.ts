import type { Generated } from 'kysely';

/** The tables. Times are ISO 8601 UTC text, so that they sort as text; `record` columns hold JSON of a core record. */
export interface Schema {
  settings: { name: string; value: string };
  feed_states: { product_id: string; feed_index: number; record: string };
  releases: { product_id: string; version: string; seen_at: string; record: string };
  installers: { product_id: string; version: string; variant: string; sha256: string; record: string };
  trust_records: { product_id: string; record: string };
  updates: { package_id: string; product_id: string; variant: string; created_at: string; record: string };
  revisions: { package_id: string; revision: number; record: string };
  publications: { target: string; package_id: string; record: string };
  catalog_revisions: { target: string; number: number; record: string };
  imported_catalogs: { source: string; record: string };
  imported_packages: { package_id: string; source: string; record: string };
  package_edits: { package_id: string; record: string };
  set_aside: { sha256: string; since: string };
  decisions: { id: string; work_key: string; decided_at: string; record: string };
  audit: {
    id: Generated<number>;
    at: string;
    actor: string;
    action: string;
    subject: string;
    detail: string;
  };
  work: WorkTable;
  due_times: { product_id: string; due_at: string; asked_at: string | null; rule: string };
  leases: { name: string; holder: string; token: number; until: string };
  /** `token`: of the work, when it was to be woken. */
  outbox: { id: Generated<number>; work_id: number; token: number; not_before: string | null };
}

export interface WorkTable {
  id: Generated<number>;
  stage: string;
  key: string;
  input: string;
  state: string;
  token: number;
  attempt: number;
  code: string | null;
  reason: string | null;
  next_step: string | null;
  product: string | null;
  version: string | null;
  variant: string | null;
  /** Of the update that the input names, if any. */
  package_id: string | null;
  lease_until: string | null;
  /** When it should have been woken at the latest; a wake-up that is lost shows here. */
  wake_at: string | null;
  created_at: string;
  changed_at: string;
}
