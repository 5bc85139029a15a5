import { loadSettings } from '../../config/settings.js';
import { PermanentError, printable } from '../../core/errors.js';
import type { LedgerReader } from '../../core/ports.js';
import { TARGETS, type TargetName } from '../../core/publication.js';
import { type Drift, driftAtServer, driftAtSite, type Recorded } from '../../publishing/drift.js';
import { DIRECT_TARGET } from '../../publishing/jobs.js';
import { bridgeFrom, siteFrom } from '../configure.js';
import { table } from '../table.js';
import { withStores } from './catalog/stores.js';
import { EXIT, type OutputOptions, show } from './output.js';

/** `patchpress drift`: what the targets have against what the ledger says. Nothing is changed; exit code 1 where they differ. */
export async function drift(output: OutputOptions): Promise<number> {
  const settings = loadSettings();
  const [bridge, site] = [bridgeFrom(settings), siteFrom(settings)];
  const result = await withStores(async ({ ledger }) => {
    const all = (await Promise.all(TARGETS.map((target) => recordedAt(ledger, target)))).flat();
    const direct = all.filter(({ publication }) => publication.target === DIRECT_TARGET);
    const ids = (of: readonly Recorded[]) => of.map(({ publication }) => publication.packageId);
    const listed =
      bridge === null || direct.length === 0
        ? null
        : await bridge.call({ verb: 'list', packageIds: ids(direct) }, new AbortController().signal);
    const states = site === null || all.length === 0 ? null : await site.updates(ids(all));
    if (all.length > 0 && listed === null && states === null) throw nobodyToAsk(all.length);
    const drifts = [
      ...(listed === null ? [] : driftAtServer(direct, listed.updates)),
      ...(states === null ? [] : driftAtSite(all, states)),
    ];
    return { compared: all.length, isServerAsked: listed !== null, isSiteAsked: states !== null, drifts };
  });
  show(output, result, () => driftText(result));
  return result.drifts.length === 0 ? EXIT.ok : EXIT.negative;
}

function nobodyToAsk(compared: number): PermanentError {
  return new PermanentError(
    'configuration.invalid',
    `${compared} updates are published, and there is nobody to ask about them`,
    {
      expected: 'site in the settings; of updates of the direct route softwareUpdatePoint.command is enough',
      found: 'neither that could be asked',
      nextStep: 'set them (docs/settings.md)',
    },
  );
}

async function recordedAt(ledger: LedgerReader, target: TargetName): Promise<readonly Recorded[]> {
  const recorded: Recorded[] = [];
  for (const publication of await ledger.publications(target)) {
    const revision = await ledger.revision(publication.packageId, publication.revision);
    if (revision !== null) recorded.push({ publication, revision });
  }
  return recorded;
}

function driftText(result: {
  readonly compared: number;
  readonly isServerAsked: boolean;
  readonly isSiteAsked: boolean;
  readonly drifts: readonly Drift[];
}): string {
  const asked = [
    ...(result.isServerAsked ? ['the Software Update Point'] : []),
    ...(result.isSiteAsked ? ['the site'] : []),
  ];
  if (asked.length === 0) return 'Nothing was published yet.';
  const rows = result.drifts.map((one) => [
    one.packageId,
    one.target,
    one.ledger,
    printable(one.found, 80),
    printable(one.nextStep, 160),
  ]);
  return [
    ...(rows.length === 0 ? [] : [table(['PackageID', 'where', 'ledger', 'found', 'next step'], rows), '']),
    `${result.compared} updates compared with ${asked.join(' and ')}: ${rows.length} differ.`,
  ].join('\n');
}
