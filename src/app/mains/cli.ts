import { Command } from 'commander';
import { inspect } from '../cli/inspect.js';
import { type OutputOptions, reportingFaults } from '../cli/output.js';
import { password } from '../cli/password.js';
import { checkProducts } from '../cli/product.js';
import { republish } from '../cli/republish.js';
import { status } from '../cli/status.js';
import { sync } from '../cli/sync.js';

const program = new Command('patchpress')
  .description(
    'Publishes third-party updates to Configuration Manager, up to the remote clients behind a Cloud Management Gateway.\n' +
      'Settings: patchpress.yaml, or the file that PATCHPRESS_CONFIG names (docs/settings.md).',
  )
  .addHelpText('after', '\nExit codes: 0 done, 1 the answer is no, 2 it could not be done.');

command('sync', 'ask the feeds now, and try again what is held or failed')
  .argument('[product...]', 'ids of products; all without any')
  .action((products: string[], options: OutputOptions) => reportingFaults(() => sync(products, options)));

command('status', 'how far each product has come, and why it stands there').action((options: OutputOptions) =>
  reportingFaults(() => status(options)),
);

command('republish', 'publish the metadata of an update again: same PackageID, next revision')
  .argument('<PackageID>')
  .requiredOption('--reason <text>', 'why, for the audit')
  .action((packageId: string, options: OutputOptions & { reason: string }) =>
    reportingFaults(() => republish(packageId, options)),
  );

command('inspect', 'what an installer says about itself and who signed it; nothing of it is run')
  .argument('<file>')
  .action((file: string, options: OutputOptions) => reportingFaults(() => inspect(file, options)));

program
  .command('password')
  .description('a new password for the dashboard, read from standard input')
  .option('--generate', 'make one and print it')
  .action((options: { generate?: boolean }) => reportingFaults(() => password(options)));

const product = program.command('product').description('product definitions');
withOutput(product.command('check').description('which definitions are good'))
  .argument('[id...]')
  .action((ids: string[], options: OutputOptions) => reportingFaults(() => checkProducts(ids, options)));

function command(name: string, description: string): Command {
  return withOutput(program.command(name).description(description));
}

function withOutput(one: Command): Command {
  return one
    .option('--json', 'one JSON document on standard output')
    .option('--json-file <file>', 'the same, written to a file');
}

await program.parseAsync();
