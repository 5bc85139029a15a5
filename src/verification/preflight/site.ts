import { type Condition, type Finding, failed, notCheckable, notConfigured, ok } from './row.js';
import type { PreflightSources, SiteConditions, SiteReads, SiteUpdate } from './sources.js';

const AREA = 'site';
const SERVER_ROLES = 'Administration > Site Configuration > Servers and Site System Roles';
const CLIENT_SETTINGS = 'Administration > Client Settings';
const ALLOW = '"Allow Configuration Manager cloud management gateway traffic"';

type Look = Condition<PreflightSources>['look'];

function fromSite(judge: (site: SiteReads) => Promise<Finding>): Look {
  return async ({ site }) => (site === null ? notConfigured('site.adminServiceUrl') : judge(site));
}

/** A setting that must stand so; what no documented class shows is looked up by a person. */
function setting(name: keyof SiteConditions, wanted: boolean, where: string): Look {
  return async ({ site }) => {
    const stands = site === null ? null : (await site.conditions())[name];
    if (stands === null) return notCheckable(where);
    return stands === wanted ? ok(stands ? 'yes' : 'no') : failed(stands ? 'yes' : 'no');
  };
}

/** What is answered through the gateway is allowed; why something is not, the gateway's own rows say. */
async function isAnsweredThroughGateway(sources: PreflightSources): Promise<boolean> {
  const isAnswered = async ({ gateway }: PreflightSources): Promise<boolean> =>
    Promise.any((gateway?.ways ?? []).map(({ ask }) => ask())).then(() => true);
  return isAnswered(sources).catch(() => false);
}

/** Why a real site refuses something stands in its logs alone; that it takes everything can be seen. */
function judgeTaken(updates: readonly SiteUpdate[]): Finding {
  const taken = updates.filter(({ isTaken }) => isTaken).length;
  const found = `${taken} of ${updates.length} published updates are in the site as they should`;
  const refused = updates.flatMap(({ packageId, refusal }) =>
    refusal === null ? [] : [{ packageId, ...refusal }],
  );
  const [first] = refused;
  if (first !== undefined) return failed(`${found}; ${first.packageId}: ${first.found}`, first.fix);
  return taken > 0 && taken === updates.length ? ok(found) : { state: 'unknown', found };
}

const SUP_PROPERTIES = `${SERVER_ROLES} > Software update point > Properties: ${ALLOW} (Set-CMSoftwareUpdatePoint -EnableCloudGateway $true)`;
const MP_PROPERTIES = `${SERVER_ROLES} > Management point > Properties: ${ALLOW} (Set-CMManagementPoint -EnableCloudGateway $true)`;
const THIRD_PARTY = `${CLIENT_SETTINGS} > Software Updates > "Enable third-party software updates" = Yes (Set-CMClientSettingSoftwareUpdate -EnableThirdPartyUpdates $true)`;
const CLOUD = `${CLIENT_SETTINGS} > Cloud Services > "Allow access to cloud distribution point" = Yes`;
const DELTA = `${CLIENT_SETTINGS} > Software Updates > "Allow clients to download delta content when available" = No (Set-CMClientSettingSoftwareUpdate -EnableDeltaDownload $false): with it third-party content fails through a CMG (0x80D02002)`;

export const SITE: readonly Condition<PreflightSources>[] = [
  {
    id: 'admin-service',
    area: AREA,
    checked: 'the AdminService answers, and the last synchronization of the software update point went well',
    expected: 'no fault in SMS_SUPSyncStatus',
    fix: 'Monitoring > Software Update Point Synchronization Status; wsyncmgr.log and WCM.log on the site server',
    look: fromSite(async (site) => {
      const fault = await site.syncFault();
      return fault === null ? ok(site.url) : failed(fault);
    }),
  },
  {
    id: 'product-enabled',
    area: AREA,
    checked: 'our product is ticked in the software update point component',
    expected: 'IsSubscribed in SMS_UpdateCategoryInstance',
    fix: 'Administration > Site Configuration > Sites > Configure Site Components > Software Update Point > Products; then synchronize twice',
    look: fromSite(async (site) => {
      const product = await site.product();
      if (product === null)
        return failed(
          'the site does not know the product yet: sync the catalog, then the software update point',
        );
      return product.isSubscribed ? ok('ticked') : failed('not ticked');
    }),
  },
  {
    id: 'publisher-trusted',
    area: AREA,
    checked: 'the site takes what we publish: catalog and content certificates are trusted and not blocked',
    expected: 'published updates are shown in the site',
    fix: 'Administration > Security > Certificates: unblock the certificates of our catalog and of the vendors; put the root of a self-signed one into Trusted Root of the software update point and of computers with the console',
    look: fromSite(async (site) => {
      const updates = await site.updates();
      const isTicked = (await site.product())?.isSubscribed === true;
      if (updates.length === 0 || !isTicked)
        return { state: 'unknown', found: 'seen when something is published and the product is ticked' };
      const shown = updates.filter(({ isShown }) => isShown).length;
      const found = `${shown} of ${updates.length} published updates are shown in the site`;
      return shown === 0 ? failed(found) : ok(found);
    }),
  },
  {
    id: 'site-takes-published',
    area: AREA,
    checked: 'the site takes the catalog, and the content of what is published',
    expected: 'every published update is deployable in the site (metadata alone: shown), none is refused',
    fix: 'Software Library > Third-Party Software Update Catalogs > Sync now; SMS_ISVUPDATES_SYNCAGENT.log on the top-level software update point says what it refuses',
    look: fromSite(async (site) => judgeTaken(await site.updates())),
  },
  {
    id: 'sup-allows-cmg',
    area: AREA,
    checked: 'the software update point takes traffic of the CMG',
    expected: 'yes',
    fix: SUP_PROPERTIES,
    look: async (sources) => {
      const finding = await setting('supAllowsCmg', true, SUP_PROPERTIES)(sources);
      return finding.state === 'unknown' && (await isAnsweredThroughGateway(sources))
        ? ok('GetConfig is answered through the gateway')
        : finding;
    },
  },
  {
    id: 'mp-allows-cmg',
    area: AREA,
    checked: 'the management point takes traffic of the CMG',
    expected: 'yes',
    fix: MP_PROPERTIES,
    look: setting('managementPointAllowsCmg', true, MP_PROPERTIES),
  },
  {
    id: 'client-third-party-updates',
    area: AREA,
    checked: 'clients accept third-party updates, and get the signing certificate of WSUS',
    expected: 'yes',
    fix: THIRD_PARTY,
    look: setting('thirdPartyUpdates', true, THIRD_PARTY),
  },
  {
    id: 'client-cloud-distribution',
    area: AREA,
    checked: 'clients may get content from the cloud',
    expected: 'yes',
    fix: CLOUD,
    look: setting('cloudDistribution', true, CLOUD),
  },
  {
    id: 'client-delta-download',
    area: AREA,
    checked: 'clients do not download delta content',
    expected: 'no',
    fix: DELTA,
    look: setting('deltaDownload', false, DELTA),
  },
];
