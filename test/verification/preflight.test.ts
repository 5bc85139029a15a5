import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PermanentError } from '../../src/core/errors.js';
import {
  CONDITIONS,
  type PreflightRow,
  type PreflightSources,
  runPreflight,
  type ServerProbe,
  type SiteConditions,
  type SiteUpdate,
  type TlsLook,
} from '../../src/verification/preflight/index.js';

const NOW = new Date('2026-11-28T00:00:00Z');
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000).toISOString();

const TLS: TlsLook = { refusal: null, subject: 'CN=server', issuer: 'CN=authority', notAfter: inDays(200) };
const PROBE: ServerProbe = {
  isReplica: false,
  role: 'Administrator',
  isSecure: true,
  certificate: { subject: 'CN=WSUS Publishers Self-signed', notAfter: inDays(400) },
  osBuild: '20348.4297',
  contentShare: { path: 'D:\\WsusContent', isReachable: true, freeBytes: 500 * 1024 ** 3 },
  reach: { account: 'CONTOSO\\svc', proxy: null, fault: null },
};
const SITE: SiteConditions = {
  supAllowsCmg: true,
  managementPointAllowsCmg: true,
  thirdPartyUpdates: true,
  cloudDistribution: true,
  deltaDownload: false,
};
const UPDATE: SiteUpdate = {
  packageId: '00000000-0000-4000-8000-000000000001',
  isShown: true,
  isTaken: true,
  isDeployable: true,
  isOnCmg: true,
  refusal: null,
};

/** Everything as it should be, but for what a case says. */
interface Standing {
  readonly tls?: Partial<TlsLook>;
  readonly probe?: Partial<ServerProbe>;
  readonly conditions?: Partial<Record<keyof SiteConditions, boolean | null>>;
  readonly update?: Partial<SiteUpdate>;
  readonly product?: { readonly isSubscribed: boolean } | null;
  readonly published?: number;
  readonly thirdParty?: number;
  readonly companies?: number;
  readonly tokenEnd?: string;
  readonly refusal?: string;
  readonly syncFault?: string;
  readonly fileFault?: string;
  /** Of one distributed update each. */
  readonly content?: readonly (string | null)[] | null;
}

function sourcesOf(standing: Standing): PreflightSources {
  const service = { url: 'https://server', look: async () => ({ ...TLS, ...standing.tls }) };
  const ask = async (): Promise<void> => {
    if (standing.refusal !== undefined) throw new PermanentError('target.refused', standing.refusal);
  };
  return {
    now: NOW,
    settingsFiles: [{ member: 'gateway.caFile', path: '/ca.pem', fault: standing.fileFault ?? null }],
    updateServer: service,
    bridge: async () => ({ ...PROBE, ...standing.probe }),
    site: {
      url: 'https://site',
      product: async () => (standing.product === undefined ? { isSubscribed: true } : standing.product),
      syncFault: async () => standing.syncFault ?? null,
      conditions: async () => ({ ...SITE, ...standing.conditions }),
      thirdPartyCategories: async () => ({
        companies: Array.from({ length: standing.companies ?? 1 }, (_, n) => `company ${n}`),
        products: Array.from({ length: standing.thirdParty ?? 3 }, (_, n) => `product ${n}`),
      }),
      updates: async () => [{ ...UPDATE, ...standing.update }],
    },
    contentServer: service,
    timestamp: async () => ({ time: NOW.toISOString(), authority: 'CN=tsa' }),
    gateway: {
      ...service,
      ways: [
        { kind: 'certificate', notAfter: () => inDays(100), ask },
        { kind: 'token', notAfter: () => standing.tokenEnd ?? inDays(60), ask },
      ],
      content:
        standing.content === null
          ? null
          : async () => {
              await ask();
              return (standing.content ?? [null]).map((refusal) => ({ ...UPDATE, refusal }));
            },
    },
    outbound: async () => 'https://vendor answered 200',
    catalog: async () => ({
      updates: standing.published ?? 100,
      products: ['Patchpress > Patchpress Updates'],
    }),
  };
}

const run = (sources: PreflightSources, timeoutMs = 5000) => runPreflight(CONDITIONS, sources, timeoutMs);

async function rowOf(id: string, standing: Standing): Promise<PreflightRow> {
  const row = (await run(sourcesOf(standing))).find((one) => one.id === id);
  assert.ok(row, id);
  return row;
}

describe('preflight', () => {
  test('where everything is as it should be every row is ok and nothing is to be done', async () => {
    const rows = await run(sourcesOf({}));
    assert.deepEqual(
      rows.filter(({ state, fix }) => state !== 'ok' || fix !== null),
      [],
    );
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  });

  const CASES: readonly (readonly [string, Standing, PreflightRow['state'], RegExp])[] = [
    ['settings-files', { fileFault: 'ENOENT' }, 'failed', /^gateway\.caFile: ENOENT$/],
    ['sup-tls', { tls: { refusal: 'self-signed certificate' } }, 'failed', /self-signed certificate/],
    ['sup-tls', { tls: { notAfter: inDays(-1) } }, 'failed', /has expired/],
    ['cmg-certificate', { tls: { notAfter: inDays(29) } }, 'warning', /expires in 29 days/],
    [
      'content-server',
      { tls: { refusal: "Hostname/IP does not match certificate's altnames" } },
      'failed',
      /altnames/,
    ],
    ['sup-patch-level', { probe: { osBuild: '20348.4296' } }, 'failed', /older than 20348\.4297/],
    ['sup-patch-level', { probe: { osBuild: '26100.7000' } }, 'ok', /26100\.7000/],
    ['sup-patch-level', { probe: { osBuild: '30000.1' } }, 'unknown', /not checkable/],
    ['sup-patch-level', { probe: { osBuild: null } }, 'unknown', /not checkable/],
    ['sup-role', { probe: { isReplica: true } }, 'failed', /replica/],
    ['sup-role', { probe: { role: 'Reporter' } }, 'failed', /Reporter/],
    ['wsus-certificate', { probe: { certificate: null } }, 'failed', /none/],
    [
      'content-share',
      { probe: { contentShare: { path: 'D:\\W', isReachable: true, freeBytes: 1024 ** 3 } } },
      'warning',
      /1 GB free/,
    ],
    ['content-share', { probe: { contentShare: undefined } }, 'unknown', /not checkable/],
    [
      'sup-reaches-content',
      { probe: { reach: { account: 'svc', proxy: 'http://proxy:8080', fault: 'trust' } } },
      'failed',
      /trust \(as svc, through http:\/\/proxy:8080\)/,
    ],
    ['admin-service', { syncFault: '6703 on sup' }, 'failed', /6703/],
    ['product-enabled', { product: { isSubscribed: false } }, 'failed', /not ticked/],
    ['product-enabled', { product: null }, 'failed', /does not know the product/],
    ['publisher-trusted', { update: { isShown: false } }, 'failed', /0 of 1/],
    [
      'site-takes-published',
      { update: { refusal: { found: '11508', fix: 'unblock it' } } },
      'failed',
      /^1 of 1 published updates .*; 00000000-.*: 11508$/,
    ],
    ['site-takes-published', { update: { isTaken: false } }, 'unknown', /^0 of 1/],
    ['sup-allows-cmg', { conditions: { supAllowsCmg: false } }, 'failed', /no/],
    ['sup-allows-cmg', { conditions: { supAllowsCmg: null } }, 'ok', /GetConfig is answered/],
    ['sup-allows-cmg', { conditions: { supAllowsCmg: null }, refusal: '403' }, 'unknown', /not checkable/],
    ['mp-allows-cmg', { conditions: { managementPointAllowsCmg: null } }, 'unknown', /not checkable/],
    ['client-third-party-updates', { conditions: { thirdPartyUpdates: false } }, 'failed', /no/],
    ['client-cloud-distribution', { conditions: { cloudDistribution: false } }, 'failed', /no/],
    ['client-delta-download', { conditions: { deltaDownload: true } }, 'failed', /yes/],
    ['cmg-client-token', { tokenEnd: inDays(-1) }, 'failed', /the token has expired/],
    ['cmg-client-certificate', { refusal: 'status 403' }, 'failed', /status 403/],
    ['cmg-content', { update: { isOnCmg: false } }, 'failed', /0 of 1 deployable updates; not 00000000/],
    ['cmg-content-file', { content: [null, null] }, 'ok', /^2 of the 2 newest distributed updates$/],
    ['cmg-content-file', { content: [null, '404'] }, 'failed', /^1 of the 2 .*; 00000000-.*: 404$/],
    ['cmg-content-file', { content: [] }, 'unknown', /no update is distributed yet/],
    ['cmg-content-file', { content: null }, 'unknown', /not checkable/],
    ['cmg-content-file', { refusal: 'status 403' }, 'unknown', /status 403/],
    ['scan-size', { published: 2701 }, 'warning', /2701 updates, about 91 trips/],
    ['scan-size', { published: 5401 }, 'failed', /5401 updates/],
    ['scan-ids', {}, 'ok', /^about 12: 1 companies, 3 products, 8 classifications$/],
    ['scan-ids', { companies: 90, thirdParty: 102 }, 'ok', /^about 200: /],
    ['scan-ids', { companies: 91, thirdParty: 102 }, 'warning', /^about 201: /],
    ['scan-ids', { companies: 100, thirdParty: 293 }, 'failed', /^about 401: /],
    ['category-gauge', { thirdParty: 51 }, 'warning', /51 of all publishers/],
    ['category-gauge', { thirdParty: 101 }, 'failed', /101 of all publishers/],
  ];
  for (const [id, standing, state, found] of CASES) {
    test(`${id}: ${JSON.stringify(standing)} is ${state}`, async () => {
      const row = await rowOf(id, standing);
      assert.equal(row.state, state, row.found);
      assert.match(row.found, found);
      assert.equal(row.fix === null, state === 'ok');
    });
  }

  test('a look that hangs and one that breaks are failed rows, and hide no other', async () => {
    const sources: PreflightSources = {
      ...sourcesOf({}),
      outbound: () => new Promise(() => undefined),
      bridge: async () => {
        throw new PermanentError('target.refused', 'no such server');
      },
    };
    const rows = await run(sources, 50);
    const found = new Map(rows.map(({ id, state, found }) => [id, `${state}: ${found}`]));
    assert.match(found.get('outbound') ?? '', /^failed: no answer within/);
    assert.match(found.get('sup-role') ?? '', /^failed: target\.refused: no such server/);
    assert.match(found.get('sup-tls') ?? '', /^ok/);
  });

  test('what is not configured is told as unknown, with the setting that is missing', async () => {
    const rows = await run({
      ...sourcesOf({}),
      updateServer: null,
      bridge: null,
      site: null,
      timestamp: null,
      gateway: null,
    });
    const unknown = rows.filter(({ state }) => state === 'unknown');
    assert.ok(unknown.length > 15, String(unknown.length));
    for (const { id, fix } of unknown) assert.match(fix ?? '', /^(set [a-zA-Z.]+ |look at )/, id);
    assert.deepEqual(
      rows.filter(({ state }) => state === 'failed'),
      [],
    );
  });
});
