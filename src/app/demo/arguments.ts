import { Command, InvalidArgumentError } from 'commander';
import {
  type FaultyHop,
  HOP_FAULTS,
  type HopFault,
  VENDOR_FAULTS,
  type VendorFault,
} from '../../lab/index.js';

export interface DemoArguments {
  readonly dataDir: string;
  readonly jsonFile: string | null;
  readonly keep: boolean;
  readonly products: number | null;
  /** Of the fixtures' products these alone; absent: all. */
  readonly only?: readonly string[];
  /** Absent: `catalogs/demo-policy.yaml`. */
  readonly policyFile?: string;
  readonly productsDir: string | null;
  readonly faults: readonly { readonly product: string; readonly mode: VendorFault }[];
  readonly hopFaults: readonly { readonly hop: FaultyHop; readonly fault: HopFault }[];
  /** Whether some vendors release again once everything is verified. */
  readonly secondRelease: boolean;
  /** How often the site is asked; absent: each second. */
  readonly pollMs?: number;
  readonly deadlineSeconds: number;
  readonly fresh: boolean;
}

const DEADLINE_SECONDS = 300;
/** On a machine with two busy cores. */
const STAND_IN_SECONDS = 6;

/** `npm run demo -- --help` shows these. */
export function parseDemoArguments(words: readonly string[]): DemoArguments {
  const options = new Command('npm run demo --')
    .description(
      'The main job on this machine: vendor releases reach three remote clients behind a CMG, through every stage,\n' +
        'over real protocols on loopback. Everything it keeps is in the data folder; run it again and nothing is published twice.',
    )
    .option('--json-file <file>', 'write the result as data to this file')
    .option('--keep', 'leave the lab and the service running and print their addresses', false)
    .option(
      '--products <n>',
      'only the first n products; above 12 also products of the catalog, from stand-ins',
      positive,
    )
    .option('--products-dir <dir>', 'a folder of your own product definitions; they win over those shipped')
    .option(
      '--fault <product=mode...>',
      `make the vendor site misbehave for a product: ${VENDOR_FAULTS.join(', ')}`,
      fault,
      [],
    )
    .option(
      '--hop-fault <hop[=reason]...>',
      `make a hop on the way to the clients fail: ${Object.entries(HOP_FAULTS)
        .map(([hop, reasons]) => `${hop}=${reasons.join('|')}`)
        .join(', ')}`,
      hopFault,
      [],
    )
    .option('--no-second-release', 'end when the first releases are verified')
    .option('--data-dir <dir>', 'where everything is kept', 'data/demo')
    .option('--fresh', 'forget the data folder of earlier runs first', false)
    .option(
      '--deadline <seconds>',
      'give up after this long (default: 300, and 6 for each stand-in)',
      positive,
    )
    .parse([...words], { from: 'user' })
    .opts();
  return {
    dataDir: options.dataDir,
    jsonFile: options.jsonFile ?? null,
    keep: options.keep,
    products: options.products ?? null,
    productsDir: options.productsDir ?? null,
    faults: options.fault,
    hopFaults: options.hopFault,
    secondRelease: options.secondRelease,
    deadlineSeconds:
      options.deadline ?? DEADLINE_SECONDS + STAND_IN_SECONDS * Math.max(0, (options.products ?? 0) - 12),
    fresh: options.fresh,
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('a whole number from 1 is needed');
  return value;
}

function fault(text: string, earlier: DemoArguments['faults']): DemoArguments['faults'] {
  const [product, wanted] = text.split('=');
  if (!product || !wanted)
    throw new InvalidArgumentError('PRODUCT=MODE is needed, for example OpenJS.NodeJS=feed-html');
  const mode = VENDOR_FAULTS.find((known) => known === wanted);
  if (mode === undefined) throw new InvalidArgumentError(`a mode of ${VENDOR_FAULTS.join(', ')} is needed`);
  return [...earlier, { product, mode }];
}

/** `content=trust`; a hop alone fails for the first of its reasons. */
function hopFault(text: string, earlier: DemoArguments['hopFaults']): DemoArguments['hopFaults'] {
  const [hop = '', reason] = text.split('=');
  if (!isHop(hop)) throw new InvalidArgumentError(`a hop is needed: ${Object.keys(HOP_FAULTS).join(', ')}`);
  const reasons: readonly HopFault[] = HOP_FAULTS[hop];
  const fault = reason === undefined ? reasons[0] : reasons.find((known) => known === reason);
  if (fault === undefined) throw new InvalidArgumentError(`${hop} can fail for: ${reasons.join(', ')}`);
  return [...earlier, { hop, fault }];
}

function isHop(hop: string): hop is FaultyHop {
  return Object.hasOwn(HOP_FAULTS, hop);
}
