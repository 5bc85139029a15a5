import type { Settings } from '../config/settings.js';
import type { Log } from '../core/ports.js';
import {
  bridgeFrom,
  catalogFrom,
  contentBaseUrlFrom,
  deploymentRulesFrom,
  deploymentsFrom,
  policyFrom,
  productsFrom,
  siteCanaryFrom,
  siteFrom,
  trustFrom,
} from './configure.js';
import type { Foundation } from './foundation.js';
import { mirrorFrom } from './mirror.js';
import { openAttestationKey } from './keys.js';
import { outsideFrom } from './outside.js';
import { tlsIdentity } from './own-certificate.js';
import type { LineOptions } from './open-stages.js';
import type { ServiceOptions } from './service.js';
import { signerSocket } from './signer.js';

/** What the settings say about the stages. */
export function lineOptions(settings: Settings, dataDir: string): LineOptions {
  const outside = outsideFrom(settings.network, process.env);
  return {
    clock: { now: () => new Date() },
    products: productsFrom(settings.productDirs),
    selection: settings.products,
    catalog: catalogFrom(settings),
    catalogFolders: settings.catalogFolders,
    policy: policyFrom(settings),
    trust: trustFrom(settings),
    outside,
    mirror: mirrorFrom(settings, outside),
    probes: !process.env.GITHUB_TOKEN,
    winget: settings.winget,
    attestationKey: openAttestationKey(dataDir),
    signerSocket: signerSocket(dataDir),
    contentBaseUrl: contentBaseUrlFrom(settings),
    site: siteFrom(settings),
    bridge: bridgeFrom(settings),
    enableProducts: settings.site?.enableProducts ?? false,
    enableClassifications: settings.site?.enableClassifications ?? false,
    deploymentRules: deploymentRulesFrom(settings),
    deployments: deploymentsFrom(settings),
    // Where nothing at the site can prove it, an update ends at `distributed`.
    canary: siteCanaryFrom(settings),
    maxInstallerBytes: settings.maxInstallerBytes,
    flushIntervalMs: settings.flushIntervalSeconds * 1000,
    pollMs: settings.sitePollSeconds * 1000,
  };
}

/** What the settings say about the whole service. */
export function serviceOptions(settings: Settings, foundation: Foundation, log: Log): ServiceOptions {
  const { content } = settings;
  const line = lineOptions(settings, foundation.dataDir);
  return {
    ...line,
    foundation,
    log,
    contentServer: content.serve
      ? {
          listen: { host: content.host, port: content.port },
          tls: tlsIdentity(foundation.dataDir, [new URL(line.contentBaseUrl).hostname], content),
        }
      : null,
    schedule: settings.schedule,
    canaryEveryHours: settings.canary.everyHours,
    keepRevisions: settings.keepRevisions,
    cleaning: settings.softwareUpdatePoint?.clean,
    onlyHost: settings.redisUrl === null,
    // About four hours: then the next sync tries again.
    retries: { maxAttempts: 32, backoffMs: 1000, longestBackoffMs: 600_000 },
  };
}
