import { Command, Option } from 'commander';
import { REPUBLISH_INTENTS } from '../../core/plan.js';
import type { RepublishIntent } from '../../core/publication.js';
import type { ByHandOptions } from '../cli/by-hand.js';
import { addCabCommands } from '../cli/cab/commands.js';
import { addCatalogCommands } from '../cli/catalog/commands.js';
import { addClientCommands } from '../cli/client/commands.js';
import type { FeedParseOptions } from '../cli/feed.js';
import { addLabCommands } from '../cli/lab/commands.js';
import { addMetadataCommands } from '../cli/metadata/commands.js';
import { EXIT, type OutputOptions, reportingFaults, withOutput } from '../cli/output.js';
import type { PreflightOptions } from '../cli/preflight.js';
import type { CheckOptions } from '../cli/product-check.js';
import type { DraftOptions } from '../cli/product-new.js';
import { addServerCommands } from '../cli/server/commands.js';
import type { StatusOptions } from '../cli/status.js';
import type { SyncOptions } from '../cli/sync.js';

/** Each command loads what it needs when it runs: `--help` and small commands answer at once. */
const program = new Command('patchpress')
  .description(
    'Publishes third-party updates to Configuration Manager, up to the remote clients behind a Cloud Management Gateway.\n' +
      'Settings: patchpress.yaml, or the file that PATCHPRESS_CONFIG names (docs/settings.md).',
  )
  .addHelpText('after', '\nExit codes: 0 done, 1 the answer is no, 2 it could not be done.')
  // The parser's own code for a wrong call is 1, which is an answer here. Commands take this over.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.fault));

command('sync', 'ask the feeds now, and try again what is held or failed')
  .argument('[product...]', 'ids of products, or patterns with *; all that are synchronised without any')
  .option('--vendor <vendor>', 'only of this vendor; * stands for any text')
  .option('--dry-run', 'say what would be asked, why, and what would follow; change nothing')
  .option('--ask', 'with --dry-run: ask the feeds too, and tell what is new')
  .option('--wait', 'follow it to its end, as on a terminal')
  .option('--no-wait', 'come back at once')
  .action((products: string[], options: SyncOptions) =>
    reportingFaults(async () => (await import('../cli/sync.js')).sync(products, options)),
  );

command('status', 'how far each product has come, and why it stands there')
  .option('--product <id>', 'only these; * stands for any text')
  .option('--state <state>', 'only in this state, such as held, failed, verified, known')
  .option('--all', 'every product, one line each')
  .action((options: StatusOptions) =>
    reportingFaults(async () => (await import('../cli/status.js')).status(options)),
  );

command('feeds', 'which feeds are unwell, since when, and what to do').action((options: OutputOptions) =>
  reportingFaults(async () => (await import('../cli/feeds.js')).feeds(options)),
);

command(
  'preflight',
  'every condition between here and a remote client: what was checked, expected, found, and how to mend it',
)
  .option('--only <id...>', 'only these conditions')
  .addHelpText(
    'after',
    '\nExit codes: 0 nothing failed, 1 a condition failed, 2 it could not be run. docs/preflight.md lists the conditions.',
  )
  .action((options: PreflightOptions) =>
    reportingFaults(async () => (await import('../cli/preflight.js')).preflight(options)),
  );

command('drift', 'what the targets have against what the ledger says; changes nothing').action(
  (options: OutputOptions) => reportingFaults(async () => (await import('../cli/drift.js')).drift(options)),
);

byHandCommand('republish', 'publish an update again')
  .argument('<PackageID>')
  .addOption(
    new Option(
      '--intent <intent>',
      'revise: the metadata, same PackageID; rebuild: all of it from the acquired file, same PackageID if the payload is equal; ' +
        'resign: a new signature; repair: put back what is missing',
    )
      .choices(REPUBLISH_INTENTS)
      .default('revise'),
  )
  .action((packageId: string, { intent, ...options }: ByHandOptions & { intent: RepublishIntent }) =>
    reportingFaults(async () =>
      (await import('../cli/by-hand.js')).byHand({ verb: intent, packageId }, options),
    ),
  );

byHandCommand(
  'promote',
  'publish the content of an update that the policy published as metadata alone (content: metadata)',
)
  .argument('<PackageID>')
  .action((packageId: string, options: ByHandOptions) =>
    reportingFaults(async () =>
      (await import('../cli/by-hand.js')).byHand({ verb: 'promote', packageId }, options),
    ),
  );

byHandCommand('expire', 'withdraw an update for good: clients are no longer offered it')
  .argument('<PackageID>')
  .action((packageId: string, options: ByHandOptions) =>
    reportingFaults(async () =>
      (await import('../cli/by-hand.js')).byHand({ verb: 'expire', packageId }, options),
    ),
  );

byHandCommand(
  'rollback',
  'offer an older version again in the place of a bad update, which is expired and blocked',
)
  .argument('<PackageID>', 'of the bad update')
  .requiredOption('--to <PackageID|version>', 'the older one')
  .action((packageId: string, { to, ...options }: ByHandOptions & { to: string }) =>
    reportingFaults(async () =>
      (await import('../cli/by-hand.js')).byHand({ verb: 'rollback', packageId, to }, options),
    ),
  );

for (const [verb, description] of [
  ['hold', 'publish nothing of a product, or of one version, until somebody approves it'],
  ['approve', 'say yes to what is held: to a hold of a person, to the policy, to a signer'],
] as const) {
  byHandCommand(verb, description)
    .argument('<product>', 'id of the product')
    .option('--version <version>', 'only this version')
    .action((productId: string, { version, ...options }: ByHandOptions & { version?: string }) =>
      reportingFaults(async () =>
        (await import('../cli/by-hand.js')).byHand({ verb, productId, version: version ?? null }, options),
      ),
    );
}

byHandCommand('disown', 'say that a version never was one: feeds are no longer measured by it')
  .argument('<product>', 'id of the product')
  .requiredOption('--version <version>', 'as the ledger has it')
  .action((productId: string, { version, ...options }: ByHandOptions & { version: string }) =>
    reportingFaults(async () =>
      (await import('../cli/by-hand.js')).byHand({ verb: 'disown', productId, version }, options),
    ),
  );

command('explain', 'why a product or an update stands where it stands')
  .argument('<product|PackageID>')
  .action((subject: string, options: OutputOptions) =>
    reportingFaults(async () => (await import('../cli/explain.js')).explain(subject, options)),
  );

command('inspect', 'what an installer says about itself and who signed it; nothing of it is run')
  .argument('<file>')
  .action((file: string, options: OutputOptions) =>
    reportingFaults(async () => (await import('../cli/inspect.js')).inspect(file, options)),
  );

program
  .command('password')
  .description('a new password for the dashboard, read from standard input')
  .option('--generate', 'make one and print it')
  .action((options: { generate?: boolean }) =>
    reportingFaults(async () => (await import('../cli/password.js')).password(options)),
  );

addMetadataCommands(program);
addCabCommands(program);
addCatalogCommands(program);
addLabCommands(program);
addServerCommands(program);
addClientCommands(program);

const product = program.command('product').description('product definitions');
withOutput(product.command('check').description('which definitions are good, and what they lack'))
  .argument('[id...]')
  .option('--products <dir>', 'a folder of definitions instead of the shipped ones and your own')
  .option('--feeds', 'ask their feeds for the newest version')
  .option('--urls', "ask each installer's address of the newest version whether it is there")
  .action((ids: string[], options: CheckOptions) =>
    reportingFaults(async () => (await import('../cli/product-check.js')).checkProducts(ids, options)),
  );
product
  .command('new')
  .description('draft a definition; what is not known stays absent')
  .option('--winget <file...>', "the manifests of one version of winget's package")
  .option('--installer <file>', 'an installer: nothing of it is run')
  .option('--id <id>', 'for --installer: Vendor.Product')
  .option('--out <dir>', 'write the file to its place in this folder; an existing one stays')
  .action((options: DraftOptions) =>
    reportingFaults(async () => (await import('../cli/product-new.js')).newProduct(options)),
  );

const inventory = program.command('inventory').description('programs on the computers of the site');
withOutput(
  inventory
    .command('import <file>')
    .description('keep a list of them (CSV or JSON), and suggest how products are detected'),
).action((file: string, options: OutputOptions) =>
  reportingFaults(async () => (await import('../cli/inventory.js')).importInventory(file, options)),
);
withOutput(
  inventory
    .command('suggest')
    .description('how products of unknown detection show themselves in what was imported')
    .argument('[id...]'),
).action((ids: string[], options: OutputOptions) =>
  reportingFaults(async () => (await import('../cli/inventory.js')).suggestFromInventory(ids, options)),
);

withOutput(
  program
    .command('feed')
    .description('release feeds')
    .command('parse')
    .description(
      'what a reader finds in a recorded answer: the release that is meant, then the others newest first',
    ),
)
  .requiredOption('--type <type>', 'of the feed, as in a definition')
  .requiredOption(
    '--options <json>',
    'the feed as in a definition, or what selects in it; versionScheme may stand there too',
  )
  .requiredOption('--response <file>', 'the body of the answer')
  .option(
    '--headers <file>',
    'its head with the status line; X-Final-Url in it is the address after redirects',
  )
  .addHelpText(
    'after',
    '\nExit codes: 0 read (an answer that holds no version gives [] and a note), 2 answer or options cannot be read. ' +
      'A pattern with look-around or back-references is not supported: such a feed is incomplete.',
  )
  .action((options: FeedParseOptions) =>
    reportingFaults(async () => (await import('../cli/feed.js')).parseFeed(options)),
  );

const bridge = program.command('bridge').description('the Windows bridge of direct publishing');
withOutput(
  bridge.command('probe').description('whether the update server can be reached and published to'),
).action((options: OutputOptions) =>
  reportingFaults(async () => (await import('../cli/bridge.js')).probeBridge(options)),
);

function command(name: string, description: string): Command {
  return withOutput(program.command(name).description(description));
}

function byHandCommand(name: string, description: string): Command {
  return command(name, description)
    .option('--reason <text>', 'why, for the audit; needed for everything but a preview')
    .option('--preview', 'say what would happen, and do nothing')
    .option(
      '--plan <digest>',
      'only if this plan, named by a preview, still stands; the same plan twice is done once',
    )
    .option('--request-id <id>', 'the same id twice is done once')
    .option('--yes', 'do not ask on a terminal');
}

await program.parseAsync();
