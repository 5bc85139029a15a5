import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { Site, SiteUpdateState } from '../../core/ports.js';
import type { SiteCmdlets } from './by-bridge.js';
import { findProduct, noCallEnables } from './products.js';
import { createSiteRest, type SiteRest, type SiteTransport } from './rest.js';
import { readSyncFault } from './sync-status.js';

export interface AdminServiceSiteOptions {
  /** `https://<SMS Provider>`, without `/AdminService`. */
  readonly baseUrl: string;
  /** Bearer token; null: the transport logs on by itself. */
  readonly token: string | null;
  readonly transport: SiteTransport;
  /**
   * True for the lab: publishing content and ticking a product are POSTs of the lab's own, and refusals are read from its
   * status. A real site has cmdlets for the first two and log files for the last.
   */
  readonly isLab: boolean;
  /** Absent: what they do is left to the console. */
  readonly cmdlets?: SiteCmdlets;
}

const UPDATES_PER_REQUEST = 20;
const SELECTED =
  'CI_ID,CI_UniqueID,LocalizedDisplayName,DateRevised,IsMetadataOnlyUpdate,IsDeployable,IsContentProvisioned,IsExpired,IsSuperseded';

const Rows = z.object({
  value: z.array(
    z.object({
      CI_ID: z.number(),
      CI_UniqueID: z.string(),
      DateRevised: z.string().nullish(),
      IsMetadataOnlyUpdate: z.boolean(),
      IsDeployable: z.boolean(),
      IsContentProvisioned: z.boolean(),
    }),
  ),
});

const LabStatus = z.object({
  catalog: z.object({ fault: z.string().nullable() }),
  packages: z.array(
    z.object({
      packageId: z.string(),
      siteRevision: z.number().nullable(),
      fault: z.string().nullable(),
      /** Absent: nothing was brought to the update server yet, or by an older lab. */
      origin: z.enum(['catalog', 'direct']).nullish(),
    }),
  ),
});

/** The site over AdminService REST (configmgr-catalog 6). Errors as in `createSiteRest`. */
export function createAdminServiceSite(options: AdminServiceSiteOptions): Site {
  const rest = createSiteRest(options);
  return {
    syncCatalogs: async () => {
      await rest.post('/AdminService/wmi/SMS_ISVCatalogs.SyncCatalogs', {});
    },
    syncSoftwareUpdates: async () => {
      await rest.post('/AdminService/wmi/SMS_SoftwareUpdate.SyncNow', { fullSync: false });
    },
    publishContent: async (packageId) => {
      if (options.isLab) await rest.post('/lab/publish-content', { packageId });
      else if (options.cmdlets === undefined) throw notCallable(packageId);
      else await options.cmdlets.publishContent(await readCiId(rest, packageId));
    },
    updates: async (packageIds) => {
      const rows = await readRows(rest, packageIds);
      const notes = options.isLab ? await labNotes(rest) : NO_NOTES;
      return packageIds.map((packageId) => stateOf(packageId, rows.get(packageId.toLowerCase()), notes));
    },
    product: (vendorName, productName) => findProduct(rest, vendorName, productName),
    enableProduct: async ({ categoryInstanceId, name }) => {
      if (options.isLab) await rest.post('/lab/enable-product', { categoryInstanceId });
      else if (options.cmdlets === undefined) throw noCallEnables();
      else await options.cmdlets.enableProduct(name);
    },
    syncFault: () => readSyncFault(rest),
  };
}

type Row = z.infer<typeof Rows>['value'][number];

async function readRows(rest: SiteRest, packageIds: readonly string[]): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>();
  for (let at = 0; at < packageIds.length; at += UPDATES_PER_REQUEST) {
    const filter = packageIds
      .slice(at, at + UPDATES_PER_REQUEST)
      .map((packageId) => `CI_UniqueID eq '${checkedId(packageId)}'`)
      .join(' or ');
    const query = `$filter=${encodeURIComponent(filter)}&$select=${SELECTED}`;
    const answer = Rows.safeParse(await rest.get(`/AdminService/wmi/SMS_SoftwareUpdate?${query}`));
    if (!answer.success) throw otherForm('SMS_SoftwareUpdate', answer.error.message);
    for (const row of answer.data.value) rows.set(row.CI_UniqueID.toLowerCase(), row);
  }
  return rows;
}

/** `CI_ID`, by which cmdlets name an update. */
async function readCiId(rest: SiteRest, packageId: string): Promise<number> {
  const row = (await readRows(rest, [packageId])).get(packageId.toLowerCase());
  if (row !== undefined) return row.CI_ID;
  throw new PermanentError('target.refused', 'the site does not show the update', {
    where: packageId,
    nextStep: 'let the site synchronise its software updates first',
  });
}

/** Ids are put into a filter expression, so nothing but a GUID may be one. */
function checkedId(packageId: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(packageId)) return packageId.toLowerCase();
  throw new PermanentError('payload.invalid', 'a PackageID is no GUID', { found: packageId });
}

interface LabNotes {
  readonly catalogFault: string | null;
  readonly packages: ReadonlyMap<
    string,
    {
      readonly siteRevision: number | null;
      readonly fault: string | null;
      readonly origin?: 'catalog' | 'direct' | null | undefined;
    }
  >;
}

const NO_NOTES: LabNotes = { catalogFault: null, packages: new Map() };

async function labNotes(rest: SiteRest): Promise<LabNotes> {
  const status = LabStatus.safeParse(await rest.get('/lab/status'));
  if (!status.success) throw otherForm('/lab/status', status.error.message);
  const { catalog, packages } = status.data;
  return {
    catalogFault: catalog.fault,
    packages: new Map(packages.map((entry) => [entry.packageId, entry])),
  };
}

function stateOf(packageId: string, row: Row | undefined, notes: LabNotes): SiteUpdateState {
  const note = notes.packages.get(packageId.toLowerCase());
  // What is wrong with the catalog does not touch what came another way.
  const fault = note?.fault ?? (note?.origin === 'direct' ? null : notes.catalogFault);
  if (row === undefined) {
    return {
      packageId,
      revision: null,
      revisedAt: null,
      isMetadataOnly: false,
      isDeployable: false,
      isContentProvisioned: false,
      fault,
    };
  }
  return {
    packageId,
    revision: note?.siteRevision ?? null,
    revisedAt: row.DateRevised ?? null,
    isMetadataOnly: row.IsMetadataOnlyUpdate,
    isDeployable: row.IsDeployable,
    isContentProvisioned: row.IsContentProvisioned,
    fault,
  };
}

function otherForm(where: string, found: string): PermanentError {
  return new PermanentError('protocol.violation', 'the site answers in another form', {
    where,
    expected: 'the rows of configmgr-catalog 6',
    found: found.slice(0, 300),
  });
}

function notCallable(packageId: string): PermanentError {
  return new PermanentError('target.refused', 'no REST call publishes third-party content', {
    where: packageId,
    nextStep:
      'name the Windows bridge of the site (site.command), run Publish-CMThirdPartySoftwareUpdateContent -CIId on the site, or set the catalog category to publish full content',
  });
}
