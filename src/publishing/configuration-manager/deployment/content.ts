import { z } from 'zod';
import type { SiteRest } from '../rest.js';
import { quoted, readRows } from '../rows.js';
import type { DeploymentPlan } from './plan.js';

/** An update's content in our deployment package. */
export interface PackagedContent {
  /** The site's id of the package. */
  readonly packageId: string;
  /** The first version of the package that has all of it. */
  readonly version: number;
}

const Package = z.object({ PackageID: z.string() });
const Content = z.object({ ContentID: z.int() });
const InPackage = z.object({ ContentID: z.int(), MinPackageVersion: z.int() });
const PointGroup = z.object({ GroupID: z.string() });
const Member = z.object({ DPNALPath: z.string() });
const PointStatus = z.object({ ServerNALPath: z.string(), State: z.int(), SourceVersion: z.int() });

/**
 * `SMS_SoftwareUpdatesPackage`, `SMS_CIToContent` and `SMS_PackageToContent` (their pages give these properties). Null: there
 * is no such package yet, or not all of the update's content is in it.
 */
export async function findContent(
  rest: SiteRest,
  plan: DeploymentPlan,
  ciId: number,
): Promise<PackagedContent | null> {
  const byName = `Name eq '${quoted(plan.package.name)}'`;
  const [found] = await readRows(rest, 'SMS_SoftwareUpdatesPackage', Package, byName);
  if (found === undefined) return null;
  const wanted = await readRows(rest, 'SMS_CIToContent', Content, `CI_ID eq ${ciId}`);
  if (wanted.length === 0) return null;
  const ids = wanted.map(({ ContentID }) => `ContentID eq ${ContentID}`).join(' or ');
  const filter = `PackageID eq '${quoted(found.PackageID)}' and (${ids})`;
  const there = await readRows(rest, 'SMS_PackageToContent', InPackage, filter);
  const versions = new Map(there.map((row) => [row.ContentID, row.MinPackageVersion]));
  if (!wanted.every(({ ContentID }) => versions.has(ContentID))) return null;
  return { packageId: found.PackageID, version: Math.max(...versions.values()) };
}

/** `SMS_DistributionPointGroup`: the id of the group; null: the site has none of that name. */
export async function findPointGroup(rest: SiteRest, plan: DeploymentPlan): Promise<string | null> {
  const byName = `Name eq '${quoted(plan.distributionPointGroup)}'`;
  const [found] = await readRows(rest, 'SMS_DistributionPointGroup', PointGroup, byName);
  return found?.GroupID ?? null;
}

/** `SMS_DPGroupContentInfo`: whether the package is assigned to the group. */
export async function isAssigned(
  rest: SiteRest,
  groupId: string,
  { packageId }: PackagedContent,
): Promise<boolean> {
  const filter = `GroupID eq '${quoted(groupId)}' and PackageID eq '${quoted(packageId)}'`;
  const rows = await readRows(rest, 'SMS_DPGroupContentInfo', z.object({ PackageID: z.string() }), filter);
  return rows.length > 0;
}

const INSTALLED = 0;
/** `State` of SMS_PackageStatusDistPointsSummarizer. */
const STATES: readonly string[] = [
  'INSTALLED',
  'INSTALL_PENDING',
  'INSTALL_RETRYING',
  'INSTALL_FAILED',
  'REMOVAL_PENDING',
  'REMOVAL_RETRYING',
  'REMOVAL_FAILED',
  'CONTENT_UPDATING',
  'CONTENT_MONITORING',
];

/**
 * Content status: what keeps the content from one of the group's distribution points, or null: each has a version of the
 * package that holds it (`SMS_DPGroupMembers`, `SMS_PackageStatusDistPointsSummarizer`). Which of them is a CMG no documented
 * property tells.
 */
export async function whyNotThere(
  rest: SiteRest,
  groupId: string,
  { packageId, version }: PackagedContent,
): Promise<string | null> {
  const members = await readRows(rest, 'SMS_DPGroupMembers', Member, `GroupID eq '${quoted(groupId)}'`);
  if (members.length === 0) return 'the group has no distribution points';
  const byPackage = `PackageID eq '${quoted(packageId)}'`;
  const rows = await readRows(rest, 'SMS_PackageStatusDistPointsSummarizer', PointStatus, byPackage);
  const statuses = new Map(rows.map((row) => [hostOf(row.ServerNALPath), row]));
  for (const host of members.map(({ DPNALPath }) => hostOf(DPNALPath))) {
    const status = statuses.get(host);
    if (status === undefined) return `${host} has not told anything of the package yet`;
    if (status.State !== INSTALLED) return `${host}: ${STATES[status.State] ?? `state ${status.State}`}`;
    if (status.SourceVersion < version) {
      return `${host} has version ${status.SourceVersion} of the package, the update came with ${version}`;
    }
  }
  return null;
}

/** `["Display=\\host\"]MSWNET:["SMS_SITE=XYZ"]\\host\`: a network abstraction layer path names a server. */
function hostOf(nalPath: string): string {
  return (/\\\\([^\\"\]]+)/.exec(nalPath)?.[1] ?? nalPath).toLowerCase();
}
