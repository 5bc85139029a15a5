import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Overview } from '../../operations/overview.js';
import { openDashboard } from '../dashboard.js';
import type { DemoArguments } from './arguments.js';
import { countKinds, notVerified } from './counts.js';
import { type LabAccess, writeLabFiles } from './lab-files.js';
import { createProgress, type Progress } from './progress.js';
import { publishedRevisions } from './published.js';
import { type DemoReport, isGood, summaryText, troubleOf } from './report.js';
import { nextReleases, type SecondRelease, syncSecondRelease } from './second-release.js';
import { type Demo, setUp } from './set-up.js';
import { type DemoUpdate, describeUpdates } from './updates.js';
import { waitUntilAtRest } from './wait.js';

/** Runs the main job once; 0 only if every product was verified and every client's answer was right. */
export async function runDemo(args: DemoArguments): Promise<number> {
  const startedAt = performance.now();
  // What an earlier run wrote must not be taken for this one's.
  if (args.jsonFile !== null) rmSync(args.jsonFile, { force: true });
  const progress = createProgress(process.stderr);
  const demo = await setUp(args, progress);
  try {
    const access = writeLabFiles(join(demo.dataDir, 'lab-access'), demo.lab, demo.signer.der);
    const before = await publishedRevisions(demo.foundation.ledger);
    const ended = await runSyncs(demo, args, progress);
    const report = await makeReport(demo, ended, {
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

interface Ended {
  readonly atRest: boolean;
  readonly second: SecondRelease | null;
  readonly overview: Overview;
  readonly updates: readonly DemoUpdate[];
}

/** The first sync, and when all of it is verified, the one after some vendors have released again. */
async function runSyncs(demo: Demo, args: DemoArguments, progress: Progress): Promise<Ended> {
  const deadline = new Date(Date.now() + args.deadlineSeconds * 1000);
  const untilAtRest = () => waitUntilAtRest(demo.foundation.ledger, deadline, demo.requireAlive);
  await demo.service.operations.sync({ operator: { name: 'demo' } });
  demo.service.start();
  const first: Ended = { atRest: await untilAtRest(), second: null, ...(await look(demo)) };
  const isDone = first.atRest && isGood(first.overview, first.updates);
  const next = isDone && args.secondRelease ? await nextReleases(demo) : [];
  if (next.length === 0) return first;
  return { ...(await syncSecondRelease(demo, next, progress, untilAtRest)), ...(await look(demo)) };
}

async function look(demo: Demo): Promise<Pick<Ended, 'overview' | 'updates'>> {
  const overview = await demo.service.operations.overview();
  return { overview, updates: await describeUpdates(demo, overview.rows) };
}

async function makeReport(
  demo: Demo,
  { atRest, second, overview, updates }: Ended,
  run: {
    readonly before: ReadonlyMap<string, number>;
    readonly seconds: number;
    readonly access: LabAccess;
  },
): Promise<DemoReport> {
  const { ledger, content } = demo.foundation;
  const after = await publishedRevisions(ledger);
  return {
    products: demo.products.all().length,
    updates,
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
    kinds: demo.hasStandIns ? countKinds(demo.products.all(), overview.rows) : null,
    notVerified: notVerified(demo.products.all(), overview.rows),
    secondRelease: second,
    seconds: run.seconds,
    atRest,
    ok: atRest && isGood(overview, updates),
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
    `    with a token         ${access.gateway.tokenUrl} (token in ${access.gateway.tokenFile})`,
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
