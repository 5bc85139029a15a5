import type { Demo } from '../../src/app/demo/set-up.js';
import { openPreflight } from '../../src/app/preflight-sources.js';
import type { HttpClient } from '../../src/core/ports.js';
import { createSiteConditions } from '../../src/publishing/configuration-manager/conditions.js';
import { createAdminServiceSite } from '../../src/publishing/configuration-manager/site.js';
import { CONDITIONS, runPreflight } from '../../src/verification/preflight/index.js';
import { createHttpsTransport } from '../../src/verification/transport.js';

const CATALOG = { vendorName: 'Patchpress', productName: 'Patchpress Updates' };
const http: Pick<HttpClient, 'get'> = {
  get: async ({ url }) => ({ status: 200, headers: {}, finalUrl: url, body: Buffer.alloc(0) }),
};

/** Preflight over the running lab, as an administrator's settings would name its parts; `hasExpired`: of the token. */
export async function preflightOf(demo: Demo, hasExpired: boolean) {
  const { lab, foundation } = demo;
  const { hosts, tlsCa: ca, gateway, softwareUpdatePoint } = lab;
  const transport = createHttpsTransport({ ca, client: null, hosts, timeoutMs: 20_000 });
  const options = {
    baseUrl: softwareUpdatePoint.baseUrl,
    token: softwareUpdatePoint.token,
    transport,
    isLab: true,
  };
  const contentPort = demo.service.contentServer?.port ?? 0;
  const sources = openPreflight({
    now: () => new Date(),
    settingsFiles: [],
    ledger: foundation.ledger,
    http,
    catalog: CATALOG,
    contentBaseUrl: 'https://patchpress.lab',
    contentCa: ca,
    timestamps: { urls: [lab.timestampUrl], roots: lab.trust.timestampRoots },
    bridge: demo.bridge,
    site: { ...createAdminServiceSite(options), ...createSiteConditions(options), url: options.baseUrl },
    updateServer: { url: softwareUpdatePoint.baseUrl, ca },
    gateway: {
      url: gateway.base,
      ca,
      client: () => lab.clients.current,
      token: { url: gateway.tokenBase, text: () => (hasExpired ? gateway.expiredToken : gateway.token) },
      isLab: true,
    },
    hosts: { ...hosts, 'patchpress.lab': { address: '127.0.0.1', port: contentPort } },
  });
  try {
    const rows = await runPreflight(CONDITIONS, sources, 20_000);
    return new Map(rows.map((row) => [row.id, row]));
  } finally {
    transport.close();
  }
}
