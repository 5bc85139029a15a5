import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerReader } from '../../core/ports.js';
import type { Overview } from '../../operations/overview.js';
import { openDashboard } from '../dashboard.js';
import type { DemoArguments } from './arguments.js';
import { type LabAccess, writeLabFiles } from './lab-files.js';
import { createProgress } from './progress.js';
import { type DemoReport, describeUpdates, isGood, summaryText, troubleOf } from './report.js';
import { type Demo, setUp } from './set-up.js';
import { waitUntilAtRest } from './wait.js';

/** Runs the main job once; 0 only if every product was verified and every client's answer was right. */
export async function runDemo(args: DemoArguments): Promise<number> {
  const startedAt = performance.now();
  const progress = createProgress(process.stderr);
  const demo = await setUp(args, progress);
  try {
    const access = writeLabFiles(join(demo.dataDir, 'lab-access'), demo.lab, demo.signer.der);
    const before = await publishedRevisions(demo.foundation.ledger);
    await demo.service.operations.sync({ operator: { name: 'demo' } });
    demo.service.start();
    const atRest = await waitUntilAtRest(
      demo.foundation.ledger,
      new Date(Date.now() + args.deadlineSeconds * 1000),
    );
    const overview = await demo.service.operations.overview();
    const report = await makeReport(demo, overview, {
      ok: atRest && isGood(overview),
      atRest,
      before,
      access,
      seconds: (performance.now() - startedAt) / 1000,
    });
    if (args.jsonFile !== null) writeFileSync(args.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(`\n${summaryText(report)}\n`);
    if (args.keep) await keepRunning(demo, report.lab);
    return report.ok ? 0 : 1;
  } finally {
    await demo.close();
  }
}

/** By PackageID: the revision that is published. */
async function publishedRevisions(ledger: LedgerReader): Promise<ReadonlyMap<string, number>> {
  const catalog = await ledger.latestCatalogRevision('configmgr-catalog');
  const direct = (await ledger.publications('software-update-point')).filter(
    ({ state }) => state !== 'pending',
  );
  return new Map(
    [...(catalog?.members ?? []), ...direct].map(({ packageId, revision }) => [packageId, revision]),
  );
}

async function makeReport(
  demo: Demo,
  overview: Overview,
  run: {
    readonly ok: boolean;
    readonly atRest: boolean;
    readonly before: ReadonlyMap<string, number>;
    readonly seconds: number;
    readonly access: LabAccess;
  },
): Promise<DemoReport> {
  const { ledger, content } = demo.foundation;
  const after = await publishedRevisions(ledger);
  return {
    products: demo.products.all().length,
    updates: await describeUpdates(overview.rows, ledger, content.pathOf, await demo.servedContent()),
    catalog:
      overview.catalog === null
        ? null
        : {
            path: content.pathOf(overview.catalog.cabSha256),
            revision: overview.catalog.revision,
            url: demo.catalogUrl,
          },
    trouble: troubleOf(overview),
    definitionFaults: overview.definitionFaults,
    publishedNow: [...after].filter(([id, revision]) => run.before.get(id) !== revision).length,
    seconds: run.seconds,
    atRest: run.atRest,
    ok: run.ok,
    lab: run.access,
  };
}

/** Until Ctrl-C: the dashboard, and everything that other programs may want to look at. */
async function keepRunning(demo: Demo, access: LabAccess): Promise<void> {
  const dashboard = await openDashboard(
    { listen: { host: '127.0.0.1', port: 0 } },
    demo.dataDir,
    demo.service,
    demo.log,
  );
  const password = dashboard.firstPassword ?? 'as told when it was first kept';
  const port = demo.service.contentServer?.port ?? 0;
  const lines = [
    'The lab goes on running; end it with Ctrl-C.',
    `  dashboard              ${dashboard.url} (password: ${password})`,
    `  gateway (CMG)          ${access.gateway.url}`,
    `    CA, client           ${access.gateway.ca}, ${access.gateway.clientCertificate}, ${access.gateway.clientKey}`,
    `  software update point  ${access.softwareUpdatePoint.url} (token in ${access.softwareUpdatePoint.tokenFile})`,
    `  timestamp authority    ${access.timestampAuthority.url}`,
    `  catalog                ${demo.catalogUrl}, answered on 127.0.0.1:${port}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  await dashboard.close();
}
