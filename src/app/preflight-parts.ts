import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config/settings.js';
import { PermanentError } from '../core/errors.js';
import type { LedgerReader } from '../core/ports.js';
import { createHttpClient } from '../net/index.js';
import { createSiteConditions } from '../publishing/configuration-manager/conditions.js';
import { createAdminServiceSite } from '../publishing/configuration-manager/site.js';
import {
  bridgeFrom,
  catalogFrom,
  contentBaseUrlFrom,
  siteOptionsFrom,
  timestampRootsFrom,
} from './configure.js';
import { lazily } from './lazily.js';
import { outsideFrom } from './outside.js';
import type { GatewayParts } from './preflight-gateway.js';
import type { PreflightParts } from './preflight-sources.js';
import { lookAtSettingsFiles, readSettingsFile, readSettingsPem } from './settings-files.js';

/**
 * The parts that the settings name, each opened when a condition asks for it: a file that cannot be read is told by the
 * conditions that need it, and hides no other.
 */
export function preflightParts(
  settings: Settings,
  dataDir: string,
  ledger: LedgerReader,
): PreflightParts & { close(): void } {
  const opened: { close(): void }[] = [];
  return lazily<PreflightParts & { close(): void }>({
    now: () => () => new Date(),
    settingsFiles: () => lookAtSettingsFiles(settings),
    ledger: () => ledger,
    http: () => {
      const outside = outsideFrom(settings.network, process.env);
      const http = createHttpClient({ ...outside, userAgent: 'patchpress-preflight' });
      opened.push(http);
      return http;
    },
    catalog: () => catalogFrom(settings),
    contentBaseUrl: () => contentBaseUrlFrom(settings),
    contentCa: () => contentCa(settings, dataDir),
    timestamps: () => ({ urls: settings.signer.timestampUrls, roots: timestampRootsFrom(settings) }),
    bridge: () => bridgeFrom(settings),
    site: () => siteParts(settings),
    updateServer: () => updateServerOf(settings),
    gateway: () => gatewayOf(settings),
    hosts: () => ({}),
    close: () => () => {
      for (const part of opened) part.close();
    },
  });
}

/** A certificate of our own is trusted by those who import its authority: here it is. */
function contentCa({ content }: Settings, dataDir: string): string | undefined {
  const authority = join(dataDir, 'tls', 'authority.pem');
  const isOwn = content.tlsCertificateFile === undefined && existsSync(authority);
  return isOwn ? readFileSync(authority, 'utf8') : undefined;
}

function siteParts(settings: Settings): PreflightParts['site'] {
  const options = siteOptionsFrom(settings);
  return (
    options && { ...createAdminServiceSite(options), ...createSiteConditions(options), url: options.baseUrl }
  );
}

function updateServerOf({ softwareUpdatePoint: server }: Settings): PreflightParts['updateServer'] {
  if (server?.url === undefined) return null;
  return { url: server.url, ...caOf('softwareUpdatePoint.caFile', server.caFile) };
}

function gatewayOf({ gateway }: Settings): PreflightParts['gateway'] {
  if (gateway === undefined) return null;
  const { url, caFile, clientCertificateFile, clientKeyFile, tokenFile, tokenUrl } = gateway;
  return {
    url,
    ...caOf('gateway.caFile', caFile),
    client:
      clientCertificateFile === undefined || clientKeyFile === undefined
        ? null
        : () => readClient(clientCertificateFile, clientKeyFile),
    token:
      tokenFile === undefined
        ? null
        : { url: tokenUrl ?? url, text: () => readSettingsFile('gateway.tokenFile', tokenFile).trim() },
    isLab: false,
  };
}

function caOf(member: string, file: string | undefined): { readonly ca?: string } {
  return file === undefined ? {} : { ca: readSettingsPem(member, file) };
}

function readClient(
  certificateFile: string,
  keyFile: string,
): ReturnType<NonNullable<GatewayParts['client']>> {
  const certificate = readSettingsPem('gateway.clientCertificateFile', certificateFile);
  const key = readSettingsFile('gateway.clientKeyFile', keyFile);
  if (isPair(certificate, key)) return { certificate, key };
  throw new PermanentError('configuration.invalid', 'certificate and key of the client do not fit', {
    where: 'gateway.clientKeyFile',
    expected: 'the key of gateway.clientCertificateFile, in PEM, without a password',
    found: 'another key, or none',
    nextStep: 'correct gateway.clientCertificateFile and gateway.clientKeyFile in the settings',
  });
}

function isPair(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
