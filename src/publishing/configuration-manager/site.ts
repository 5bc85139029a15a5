import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { Site, SiteUpdateState } from '../../core/ports.js';
import type { SiteCmdlets } from './by-bridge.js';
import { findClassification, findProduct, noCallEnables, requireOneOfItsName } from './categories.js';
import { createSiteRest, type SiteRest, type SiteTransport } from './rest.js';
import { readSyncFault } from './sync-status.js';
import { readCiId, readUpdates, type UpdateRow } from './updates.js';

export interface AdminServiceSiteOptions {
  /** `https://<SMS Provider>`, without `/AdminService`. */
  readonly baseUrl: string;
  /** Bearer token; null: the transport logs on by itself. */
  readonly token: string | null;
  readonly transport: SiteTransport;
  /**
   * True for the lab: publishing content and ticking a category are POSTs of the lab's own, and refusals are read from its
   * status. A real site has cmdlets for the first two and log files for the last.
   */
  readonly isLab: boolean;
  /** Absent: what they do is left to the console. */
  readonly cmdlets?: SiteCmdlets;
}

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
      const rows = await readUpdates(rest, packageIds);
      const notes = options.isLab ? await labNotes(rest) : NO_NOTES;
      return packageIds.map((packageId) => stateOf(packageId, rows.get(packageId.toLowerCase()), notes));
    },
    product: (vendorName, productName) => findProduct(rest, vendorName, productName),
    enableProduct: async ({ categoryInstanceId, name }) => {
      if (options.isLab) await rest.post('/lab/enable-category', { categoryInstanceId });
      else if (options.cmdlets === undefined) throw noCallEnables('-AddProduct');
      else {
        await requireOneOfItsName(rest, categoryInstanceId, name);
        await options.cmdlets.enableProduct(name);
      }
    },
    classification: (categoryId) => findClassification(rest, categoryId),
    enableClassification: async ({ categoryInstanceId, name }) => {
      if (options.isLab) await rest.post('/lab/enable-category', { categoryInstanceId });
      else if (options.cmdlets === undefined) throw noCallEnables('-AddUpdateClassification');
      else await options.cmdlets.enableClassification(name);
    },
    syncFault: () => readSyncFault(rest),
  };
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

function stateOf(packageId: string, row: UpdateRow | undefined, notes: LabNotes): SiteUpdateState {
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
    required: row.NumMissing ?? null,
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
