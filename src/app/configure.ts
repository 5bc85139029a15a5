import { join } from 'node:path';
import { loadCatalog } from '../config/catalog.js';
import { loadPolicy } from '../config/policy.js';
import { loadProductCatalog } from '../config/products.js';
import { projectPath, type Settings } from '../config/settings.js';
import type { ProductCatalog, Site, TrustAnchors } from '../core/ports.js';
import { versionSchemes } from '../core/versions/index.js';
import { checkFeed, feedTypes } from '../feeds/index.js';
import { createBridgeCmdlets, createBridgeTransport } from '../publishing/configuration-manager/by-bridge.js';
import { createDeploymentCmdlets } from '../publishing/configuration-manager/deployment/cmdlets.js';
import { createDeployments, type Deployments } from '../publishing/configuration-manager/deployment/index.js';
import {
  createDeploymentRules,
  type DeploymentRules,
} from '../publishing/configuration-manager/deployment-rule.js';
import {
  type AdminServiceSiteOptions,
  createAdminServiceSite,
} from '../publishing/configuration-manager/site.js';
import { createSiteRest } from '../publishing/configuration-manager/rest.js';
import type { Bridge } from '../publishing/software-update-point/bridge.js';
import { createCommandBridge } from '../publishing/software-update-point/command-bridge.js';
import { createComplianceCanary } from '../verification/compliance/canary.js';
import { createDeviceCanary } from '../verification/device/canary.js';
import type { SiteCanary } from '../verification/site-canary.js';
import { createHttpsTransport } from '../verification/transport.js';
import { readCertificateBundle } from './pem.js';
import { readSettingsFile, readSettingsPem } from './settings-files.js';

const SITE_TIMEOUT_MS = 120_000;
/** Publishing content and filling a package download it first. */
const SITE_BRIDGE_TIMEOUT_MS = 1_800_000;

/** The definitions shipped with the program, or only those of some ids, and an administrator's own, which win. */
export function productsFrom(ownFolders: readonly string[], only?: readonly string[]): ProductCatalog {
  return productsIn([...ownFolders.map(projectPath), projectPath('catalogs/products')], only);
}

/** From folders in their order of precedence. */
export function productsIn(folders: readonly string[], only?: readonly string[]): ProductCatalog {
  return loadProductCatalog(
    folders,
    { feedTypes, versionSchemes: [...versionSchemes.keys()], checkFeed },
    only,
  );
}

export function catalogFrom(settings: Settings) {
  return loadCatalog(projectPath(join('catalogs', `${settings.catalog}.catalog.json`)));
}

export function policyFrom(settings: Settings) {
  return loadPolicy(projectPath(settings.policyFile));
}

/** Without bundles no vendor's signature can be trusted: every installer is then held, nothing is published. */
export function trustFrom(settings: Settings): TrustAnchors {
  return {
    codeSigningRoots: rootsIn(settings, 'codeSigningRootsFile'),
    timestampRoots: timestampRootsFrom(settings),
  };
}

export function timestampRootsFrom(settings: Settings): TrustAnchors['timestampRoots'] {
  return rootsIn(settings, 'timestampRootsFile');
}

function rootsIn({ trust }: Settings, name: keyof Settings['trust']): readonly Uint8Array[] {
  const file = trust[name];
  return file === undefined ? [] : readCertificateBundle(projectPath(file), `trust.${name}`);
}

/** What stands before the paths of catalog and content in every document. */
export function contentBaseUrlFrom({ content }: Settings): string {
  return (content.baseUrl ?? `https://localhost:${content.port}`).replace(/\/$/, '');
}

/** The site over AdminService, or null where none is configured. */
export function siteFrom(settings: Settings): Site | null {
  const options = siteOptionsFrom(settings);
  return options && createAdminServiceSite(options);
}

export function siteOptionsFrom({ site }: Settings): AdminServiceSiteOptions | null {
  if (site === undefined) return null;
  const { adminServiceUrl: baseUrl, tokenFile, command } = site;
  const bridge = command === undefined ? null : bridgeOf(command, SITE_BRIDGE_TIMEOUT_MS);
  const shared = { baseUrl, isLab: false, ...(bridge && { cmdlets: createBridgeCmdlets(bridge) }) };
  if (tokenFile === undefined && bridge !== null) {
    return { ...shared, token: null, transport: createBridgeTransport(bridge) };
  }
  const transport = createHttpsTransport({
    ...(site.caFile === undefined ? {} : { ca: readSettingsPem('site.caFile', site.caFile) }),
    client: null,
    hosts: {},
    timeoutMs: SITE_TIMEOUT_MS,
  });
  const token = readSettingsFile('site.tokenFile', tokenFile ?? '').trim();
  return { ...shared, token, transport };
}

/** The administrator's automatic deployment rule, or null where none is named. */
export function deploymentRulesFrom(settings: Settings): DeploymentRules | null {
  const options = siteOptionsFrom(settings);
  const name = settings.site?.deploymentRule;
  return options === null || name === undefined ? null : createDeploymentRules(createSiteRest(options), name);
}

/** Deployments of our own, or null where an administrator's rule makes them. */
export function deploymentsFrom(settings: Settings): Deployments | null {
  const options = siteOptionsFrom(settings);
  const { deployment, command } = settings.site ?? {};
  if (options === null || deployment === undefined || command === undefined) return null;
  const cmdlets = createDeploymentCmdlets(bridgeOf(command, SITE_BRIDGE_TIMEOUT_MS));
  return createDeployments(createSiteRest(options), cmdlets, deployment);
}

/**
 * What proves updates at the site: devices where a script tells what they report, else compliance of a collection; null
 * where neither is named (docs/canary.md).
 */
export function siteCanaryFrom(settings: Settings): SiteCanary | null {
  const options = siteOptionsFrom(settings);
  if (options === null) return null;
  const { canaryScript, canaryCollection } = settings.site ?? {};
  const site = createSiteRest(options);
  if (canaryScript !== undefined) return createDeviceCanary(site, canaryScript);
  if (canaryCollection === undefined) return null;
  return createComplianceCanary({ site, collectionId: canaryCollection, clock: { now: () => new Date() } });
}

/** The Windows bridge, or null where no Software Update Point is configured: updates of the direct route then wait. */
export function bridgeFrom({ softwareUpdatePoint }: Settings): Bridge | null {
  if (softwareUpdatePoint === undefined) return null;
  const { command, timeoutSeconds } = softwareUpdatePoint;
  return bridgeOf(command, timeoutSeconds * 1000);
}

function bridgeOf([program = '', ...words]: readonly string[], timeoutMs: number): Bridge {
  return createCommandBridge({ command: [program, ...words], timeoutMs });
}
