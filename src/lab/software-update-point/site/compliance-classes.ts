import type { Computer } from '../computers.js';
import type { Row } from '../odata.js';
import type { World } from '../world.js';
import { COLLECTION } from './deployment.js';

/** `Status` of SMS_UpdateComplianceStatus. */
const STATUS = { unknown: 0, notRequired: 1, required: 2, installed: 3 } as const;

/** What computers told the update server, as the site shows it: its collection holds all of them. */
export const COMPLIANCE_CLASSES: Readonly<Record<string, (world: World) => readonly Row[]>> = {
  SMS_FullCollectionMembership: ({ computers }) =>
    computers.all().map(({ resourceId, dnsName }) => ({
      CollectionID: COLLECTION,
      ResourceID: resourceId,
      Name: dnsName,
    })),
  SMS_UpdateComplianceStatus: ({ computers, state }) =>
    computers.all().flatMap((computer) =>
      Object.values(state.site).map(({ ciId, packageId }) => ({
        CI_ID: ciId,
        MachineID: computer.resourceId,
        Status: statusOf(computer, packageId),
        LastStatusCheckTime: computer.lastReportAt,
      })),
    ),
};

/** `NumMissing` and `NumPresent` of SMS_SoftwareUpdate. */
export function countComputers(
  { computers }: World,
  packageId: string,
): { missing: number; present: number } {
  const states = computers.all().map((computer) => statusOf(computer, packageId));
  const count = (wanted: number) => states.filter((status) => status === wanted).length;
  return { missing: count(STATUS.required), present: count(STATUS.installed) };
}

function statusOf({ states, lastReportAt }: Computer, packageId: string): number {
  const told = states[packageId];
  if (told === 'Installed') return STATUS.installed;
  if (told !== undefined) return STATUS.required;
  return lastReportAt === null ? STATUS.unknown : STATUS.notRequired;
}
