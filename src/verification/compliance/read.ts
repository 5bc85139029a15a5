import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { SiteReader } from '../device/read.js';

/** What the members of a collection have told the site of one update. */
export interface CollectionCompliance {
  readonly members: number;
  readonly required: number;
  readonly installed: number;
}

/** A canary collection has few computers; a large one would be a question to the site for each twenty of them. */
export const MOST_MEMBERS = 500;
const COMPUTERS_PER_REQUEST = 20;
/** `Status` of SMS_UpdateComplianceStatus; 0 is unknown, 1 not required. */
const REQUIRED = 2;
const INSTALLED = 3;

const Updates = z.object({ value: z.array(z.object({ CI_ID: z.int() })) });
const Members = z.object({ value: z.array(z.object({ ResourceID: z.int() })) });
const Statuses = z.object({ value: z.array(z.object({ MachineID: z.int(), Status: z.int() })) });

/**
 * SMS_SoftwareUpdate, SMS_FullCollectionMembership and SMS_UpdateComplianceStatus (Configuration Manager SDK) over REST; it
 * was not tried against a site from here. Null: the site does not have the update. PermanentError `configuration.invalid`
 * for a collection of more than `MOST_MEMBERS`, `protocol.violation` for rows of another form; errors of the reader.
 */
export async function readCompliance(
  site: SiteReader,
  collectionId: string,
  packageId: string,
): Promise<CollectionCompliance | null> {
  const updates = await rows(site, Updates, 'SMS_SoftwareUpdate', `CI_UniqueID eq '${packageId}'`, 'CI_ID');
  const [update] = updates;
  if (update === undefined) return null;
  const inCollection = `CollectionID eq '${collectionId}'`;
  const members = await rows(
    site,
    Members,
    'SMS_FullCollectionMembership',
    inCollection,
    `ResourceID&$top=${MOST_MEMBERS + 1}`,
  );
  const computers = [...new Set(members.map(({ ResourceID }) => ResourceID))];
  if (computers.length > MOST_MEMBERS) throw tooLarge(collectionId);
  const statuses = await statusesOf(site, update.CI_ID, computers);
  const count = (wanted: number) => [...statuses.values()].filter((status) => status === wanted).length;
  return { members: computers.length, required: count(REQUIRED), installed: count(INSTALLED) };
}

/** By computer: of those that were asked for, each once, whatever else the answer holds. */
async function statusesOf(
  site: SiteReader,
  updateId: number,
  computers: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>();
  for (let first = 0; first < computers.length; first += COMPUTERS_PER_REQUEST) {
    const part = computers.slice(first, first + COMPUTERS_PER_REQUEST);
    const machines = part.map((id) => `MachineID eq ${id}`).join(' or ');
    const filter = `CI_ID eq ${updateId} and (${machines})`;
    const told = await rows(site, Statuses, 'SMS_UpdateComplianceStatus', filter, 'MachineID,Status');
    for (const { MachineID, Status } of told) if (part.includes(MachineID)) statuses.set(MachineID, Status);
  }
  return statuses;
}

async function rows<T>(
  site: SiteReader,
  form: z.ZodType<{ readonly value: readonly T[] }>,
  name: string,
  filter: string,
  select: string,
): Promise<readonly T[]> {
  const path = `/AdminService/wmi/${name}?$filter=${encodeURIComponent(filter)}&$select=${select}`;
  const answer = form.safeParse(await site.get(path));
  if (answer.success) return answer.data.value;
  throw new PermanentError('protocol.violation', 'the site answers in another form', {
    where: path,
    expected: `rows of ${name} with ${select}`,
    found: z.prettifyError(answer.error).slice(0, 300),
  });
}

function tooLarge(collectionId: string): PermanentError {
  return new PermanentError('configuration.invalid', 'the canary collection is too large to be one', {
    where: `site.canaryCollection ${collectionId}`,
    expected: `at most ${MOST_MEMBERS} computers`,
    found: `more than ${MOST_MEMBERS}`,
    nextStep: 'name a collection of a few computers behind the gateway',
  });
}
