import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createCatalogue, type ServedUpdate } from '../../src/lab/software-update-point/wusp/catalogue.js';
import { createCookies } from '../../src/lab/software-update-point/wusp/cookies.js';
import { answerWusp } from '../../src/lab/software-update-point/wusp/endpoints.js';
import { metered } from '../../src/verification/meter.js';
import { scanServer } from '../../src/verification/scan.js';
import { createHttpsTransport } from '../../src/verification/transport.js';
import { openSession } from '../../src/verification/wusp/session.js';
import type { UpdateCache } from '../../src/verification/wusp/sync.js';
import { windows } from './machine.js';

const id = (kind: string, index: number) =>
  `${kind.repeat(8)}-0000-4000-8000-${String(index).padStart(12, '0')}`;
const UNINSTALL = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';

function served(
  number: number,
  updateId: string,
  facts: Partial<ServedUpdate> & { rules: string },
): ServedUpdate {
  const { rules, prerequisites = [], isCategory = false } = facts;
  const clauses = prerequisites.map(
    (clause) =>
      `<AtLeastOne IsCategory="true">${clause.map((one) => `<UpdateIdentity UpdateID="${one}" />`).join('')}</AtLeastOne>`,
  );
  return {
    revisionId: number,
    deploymentId: number,
    updateId,
    revision: 100,
    isCategory,
    action: isCategory ? 'Evaluate' : 'Install',
    changedAt: '2026-10-04T00:00:00Z',
    prerequisites,
    core:
      `<UpdateIdentity UpdateID="${updateId}" RevisionNumber="100" /><Properties UpdateType="${isCategory ? 'Category' : 'Software'}" />` +
      `<Relationships><Prerequisites>${clauses.join('')}</Prerequisites></Relationships><ApplicabilityRules>${rules}</ApplicabilityRules>`,
    extended: '<ExtendedProperties DefaultPropertiesLanguage="en" />',
    localized: [
      { language: 'en', xml: `<LocalizedProperties><Title>Update ${number}</Title></LocalizedProperties>` },
    ],
    files: [],
    ...facts,
  };
}

/** As a site has them: a company with 30 products, a classification, and updates that look for a program in two views. */
function catalogueOf(count: number): readonly ServedUpdate[] {
  const category = { isCategory: true, rules: '<IsInstalled><True /></IsInstalled>' };
  const company = id('a', 1);
  const classification = id('c', 1);
  const products = Array.from({ length: 30 }, (_, index) => id('b', index));
  return [
    served(1, company, category),
    served(2, classification, category),
    ...products.map((product, index) =>
      served(10 + index, product, { ...category, prerequisites: [[company]] }),
    ),
    ...Array.from({ length: count }, (_, index) =>
      served(1000 + index, id('d', index), {
        prerequisites: [[products[index % 30] ?? ''], [classification]],
        rules: programRules(index),
      }),
    ),
  ];
}

function programRules(index: number): string {
  const loop = (comparison: string, is32: boolean) =>
    `<b.RegKeyLoop Key="HKEY_LOCAL_MACHINE" Subkey="${UNINSTALL}" TrueIf="Any"${is32 ? ' RegType32="true"' : ''}><And>` +
    `<b.RegSz Key="HKEY_LOOP_TARGET" Subkey="\\" Value="DisplayName" Comparison="BeginsWith" Data="Contoso Product ${index} " />` +
    `<b.RegSz Key="HKEY_LOOP_TARGET" Subkey="\\" Value="Publisher" Comparison="EqualTo" Data="Contoso Ltd" />` +
    `<b.RegSzToVersion Key="HKEY_LOOP_TARGET" Subkey="\\" Value="DisplayVersion" Comparison="${comparison}" Data="4.20.0.${index}" />` +
    '</And></b.RegKeyLoop>';
  const both = (comparison: string) => `<Or>${loop(comparison, false)}${loop(comparison, true)}</Or>`;
  return `<IsInstalled>${both('GreaterThanOrEqualTo')}</IsInstalled><IsInstallable>${both('LessThan')}</IsInstallable>`;
}

async function openServer(t: TestContext, count: number): Promise<string> {
  const catalogue = createCatalogue(catalogueOf(count));
  const wusp = {
    serverName: 'sup.lab',
    contentBase: 'http://sup.lab:8530',
    configuredAt: '2026-10-04T13:17:07.59Z',
    cookies: createCookies(Buffer.alloc(32, 3)),
    now: () => new Date(),
    catalogue: () => catalogue,
    register: () => undefined,
    record: () => undefined,
    toldUntil: () => null,
    told: () => undefined,
    onFault: (error: unknown) => assert.fail(String(error)),
  };
  const server = createServer((request, response) => {
    answerWusp(wusp, request.url ?? '', request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Company and classification, products, updates in pages of 30, and one call that brings nothing. */
const tripsOf = (count: number) => 1 + 1 + Math.ceil(count / 30) + 1;

for (const count of process.env.PATCHPRESS_LONG_TESTS === undefined ? [1000] : [1000, 5000]) {
  test(`a new client scans ${count} updates within the trips of an agent, and then in one`, async (t) => {
    const base = await openServer(t, count);
    const program = {
      DisplayName: 'Contoso Product 7 (x64)',
      Publisher: 'Contoso Ltd',
      DisplayVersion: '4.19',
    };
    const values = Object.entries(program).map(
      ([name, value]) => [name, { type: 'REG_SZ' as const, value }] as const,
    );
    const machine = {
      ...windows,
      registry: { '64': { [`HKLM\\${UNINSTALL}\\p7`]: Object.fromEntries(values) }, '32': {} },
    };
    const wire = createHttpsTransport({ client: null, hosts: {}, timeoutMs: 30_000 });
    t.after(() => wire.close());
    const { transport, traffic } = metered(wire);
    const computer = { clientId: id('e', 1), dnsName: 'device.lab' };
    const session = await openSession({ transport, base, computer, machine, now: () => new Date() });
    const cache: UpdateCache = new Map();
    const startedMs = performance.now();
    const scan = await scanServer(session, cache);
    const seconds = (performance.now() - startedMs) / 1000;
    t.diagnostic(
      `${count} updates: ${scan.trips} trips, ${traffic.sentBytes} bytes sent, ${traffic.receivedBytes} received, ${seconds.toFixed(2)} s`,
    );
    assert.equal(scan.trips, tripsOf(count));
    assert.ok(scan.trips <= 200);
    const required = scan.updates.filter(({ state }) => state === 'required');
    assert.deepEqual(
      [scan.updates.length, required.map(({ known }) => known?.core.updateId)],
      [count + 32, [id('d', 7)]],
    );
    assert.equal((await scanServer(session, cache)).trips, 1);
  });
}
