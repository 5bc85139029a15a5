import { judgeTls } from './certificate.js';
import { type Condition, type Finding, failed, notConfigured, ok, warning } from './row.js';
import type { PreflightSources } from './sources.js';

const AREA = 'publisher';

/** 30 updates a page and 200 trips of an agent's scan (MS-WUSP as servers and agents are configured); 20 trips are for categories and detectoids. */
const UPDATES_PER_TRIP = 30;
const TRIPS_FOR_UPDATES = 180;
/** Where a scan still has room for what others publish. */
const WARN_AT = 0.5;

/**
 * How many installed ids that something depends on one SyncUpdates may name; with more WSUS answers InvalidParameters, and
 * no scan ends (wsus-publishing 4.1, observed). Our own updates are leaves: what counts are categories.
 */
const NAMED_IDS = 400;
/** Of those that a document may have (wsus-publishing 5.1). */
const CLASSIFICATIONS = 8;

/** WSUS shows trouble from about a hundred categories of local publishers on. */
const CATEGORY_LIMIT = 100;

export const PUBLISHER: readonly Condition<PreflightSources>[] = [
  {
    id: 'settings-files',
    area: AREA,
    checked: 'every file that the settings name can be read by the account that runs the command',
    expected: 'certificates, keys, tokens and the policy are where the settings say',
    fix: 'correct the members of the settings, or let the account of the service read the files',
    look: async ({ settingsFiles }) => {
      const missing = settingsFiles.filter(({ fault }) => fault !== null);
      if (missing.length === 0) return ok(`${settingsFiles.length} files`);
      return failed(missing.map(({ member, fault }) => `${member}: ${fault}`).join('; '));
    },
  },
  {
    id: 'outbound',
    area: AREA,
    checked: 'the service reaches the outside, through its proxy, as itself',
    expected: 'an answer of a vendor',
    fix: 'check network.proxy and network.caFile, the credentials in the environment of the service, and what the firewall lets this host reach',
    look: async ({ outbound }) => ok(await outbound()),
  },
  {
    id: 'timestamp-authority',
    area: AREA,
    checked: 'a timestamp authority answers, and its chain is trusted',
    expected: 'a granted RFC 3161 token that leads to trust.timestampRootsFile',
    fix: 'correct signer.timestampUrls and trust.timestampRootsFile; without a timestamp nothing is signed',
    look: async ({ timestamp }) => {
      if (timestamp === null) return notConfigured('signer.timestampUrls');
      const { time, authority } = await timestamp();
      return ok(`${authority} at ${time}`);
    },
  },
  {
    id: 'content-server',
    area: AREA,
    checked:
      'our content server answers under the name that stands in every update, with a trusted certificate',
    expected: 'https, a certificate for this name that others trust, valid for 30 days at least',
    fix: 'start the service; set content.baseUrl to the name that the Software Update Point uses, and content.tlsCertificateFile to a certificate that it trusts',
    look: async ({ contentServer, now }) => judgeTls(contentServer, now),
  },
  {
    id: 'category-gauge',
    area: AREA,
    checked: 'few vendors and products in WSUS, which breaks with many',
    expected: `at most ${CATEGORY_LIMIT} third-party categories; ours are one`,
    fix: 'publish under one vendor and product (catalogs/*.catalog.json); untick products of publishers that are no longer used, then decline and delete their updates',
    look: async ({ catalog, site }) => {
      const { products } = await catalog();
      const ours = `${products.length} of ours`;
      if (site === null) return judgeGauge(products.length, `${ours}; no site is configured to count others`);
      const { products: all } = await site.thirdPartyCategories();
      return judgeGauge(
        Math.max(products.length, all.length),
        `${ours}, ${all.length} of all publishers in the site`,
      );
    },
  },
  {
    id: 'scan-size',
    area: AREA,
    checked: 'what we publish fits into one scan of a new client',
    expected: `at most ${UPDATES_PER_TRIP * TRIPS_FOR_UPDATES} updates: ${UPDATES_PER_TRIP} a trip, 200 trips at most`,
    fix: 'expire and clean up superseded updates, publish fewer products',
    look: async ({ catalog }) => judgeScan((await catalog()).updates),
  },
  {
    id: 'scan-ids',
    area: AREA,
    checked: 'the categories of local publishers fit into one request of a scan',
    expected: `at most ${NAMED_IDS} ids that a client names in SyncUpdates; what Microsoft's updates depend on comes on top`,
    fix: 'publish under one vendor and product; decline and delete the updates of publishers that are no longer used: their categories end with the last of them',
    look: async ({ catalog, site }) => {
      const ours = (await catalog()).products.length;
      const { companies, products } = site === null ? NONE : await site.thirdPartyCategories();
      return judgeIds(Math.max(companies.length, Math.min(ours, 1)), Math.max(products.length, ours));
    },
  },
];

const NONE = { companies: [], products: [] } as const;

function judgeIds(companies: number, products: number): Finding {
  const ids = companies + products + CLASSIFICATIONS;
  const found = `about ${ids}: ${companies} companies, ${products} products, ${CLASSIFICATIONS} classifications`;
  if (ids > NAMED_IDS) return failed(found);
  return ids > NAMED_IDS * WARN_AT ? warning(found) : ok(found);
}

function judgeGauge(count: number, found: string): Finding {
  if (count > CATEGORY_LIMIT) return failed(found);
  return count > CATEGORY_LIMIT * WARN_AT ? warning(found) : ok(found);
}

function judgeScan(updates: number): Finding {
  const trips = Math.ceil(updates / UPDATES_PER_TRIP);
  const found = `${updates} updates, about ${trips} trips`;
  if (trips > TRIPS_FOR_UPDATES) return failed(found);
  return trips > TRIPS_FOR_UPDATES * WARN_AT ? warning(found) : ok(found);
}
