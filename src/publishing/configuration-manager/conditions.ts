import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import { createSiteRest, type SiteRest } from './rest.js';
import { readRows } from './rows.js';
import type { AdminServiceSiteOptions } from './site.js';

/** Settings of site and clients that a remote install needs; null: no documented class shows it. */
export interface StandingConditions {
  readonly supAllowsCmg: boolean | null;
  readonly managementPointAllowsCmg: boolean | null;
  readonly thirdPartyUpdates: boolean | null;
  readonly cloudDistribution: boolean | null;
  readonly deltaDownload: boolean | null;
}

export interface ThirdPartyCategories {
  readonly companies: readonly string[];
  readonly products: readonly string[];
}

const UNKNOWN: StandingConditions = {
  supAllowsCmg: null,
  managementPointAllowsCmg: null,
  thirdPartyUpdates: null,
  cloudDistribution: null,
  deltaDownload: null,
};

const LabConditions = z.object({
  supAllowsCmg: z.boolean(),
  managementPointAllowsCmg: z.boolean(),
  thirdPartyUpdates: z.boolean(),
  cloudDistribution: z.boolean(),
  deltaDownload: z.boolean(),
});

const Category = z.object({
  CategoryInstanceID: z.number(),
  CategoryTypeName: z.string(),
  LocalizedCategoryInstanceName: z.string(),
  ParentCategoryInstanceID: z.number(),
});

/** What preflight reads of a site beside the hops of updates. Errors as in `createSiteRest`. */
export function createSiteConditions(options: AdminServiceSiteOptions): {
  /** A real site shows these settings in its console and to cmdlets only; the lab has a call of its own. */
  conditions(): Promise<StandingConditions>;
  /** Names of all companies but Microsoft that the site knows, and of their products, ticked or not. */
  thirdPartyCategories(): Promise<ThirdPartyCategories>;
} {
  const rest = createSiteRest(options);
  return {
    conditions: async () => (options.isLab ? decodeConditions(await rest.get('/lab/conditions')) : UNKNOWN),
    thirdPartyCategories: () => readThirdPartyCategories(rest),
  };
}

/** Products of local publishers stand directly below their company (`SMS_UpdateCategoryInstance`). */
async function readThirdPartyCategories(rest: SiteRest): Promise<ThirdPartyCategories> {
  const rows = await readRows(rest, 'SMS_UpdateCategoryInstance', Category, null);
  const companies = rows.filter(
    (row) => row.CategoryTypeName === 'Company' && row.LocalizedCategoryInstanceName !== 'Microsoft',
  );
  const ids = new Set(companies.map((row) => row.CategoryInstanceID));
  const products = rows.filter(
    (row) => row.CategoryTypeName === 'Product' && ids.has(row.ParentCategoryInstanceID),
  );
  const namesOf = (some: typeof rows) => some.map((row) => row.LocalizedCategoryInstanceName);
  return { companies: namesOf(companies), products: namesOf(products) };
}

function decodeConditions(value: unknown): StandingConditions {
  const decoded = LabConditions.safeParse(value);
  if (decoded.success) return decoded.data;
  throw new PermanentError('protocol.violation', 'the lab answers in another form', {
    where: '/lab/conditions',
    expected: 'one boolean for each condition',
    found: decoded.error.message.slice(0, 300),
  });
}
