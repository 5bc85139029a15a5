import { type Command, InvalidArgumentError } from 'commander';
import { reportingFaults, withOutput } from '../output.js';
import type { StartOptions } from './start.js';
import type { SupStatusOptions } from './status.js';

/** `patchpress lab start`, `patchpress lab sup status`. */
export function addLabCommands(program: Command): void {
  const lab = program
    .command('lab')
    .description('stand-ins to try with: they speak the real protocols on this host');
  lab
    .command('start')
    .description('start all stand-ins, or one Software Update Point by itself, until Ctrl-C')
    .option('--sup', 'only a Software Update Point: MS-WUSP over imported update documents')
    .option(
      '--import <dir>',
      'with --sup: a folder of upd:Update documents named <id>.update.xml, and their files',
    )
    .option(
      '--approvals <file>',
      'with --sup: JSON, by update id Install, PreDeploymentCheck or Declined; else all are approved',
    )
    .option(
      '--port <port>',
      'with --sup: where it listens (8531, 8530 with --http; 0: any free one)',
      portNumber,
    )
    .option('--http', 'with --sup: without TLS, as WSUS comes')
    .option('--name <host>', 'with --sup: its name in addresses and certificate', 'localhost')
    .option('--data <dir>', 'where it keeps its state (data/lab-sup, data/lab)')
    .option('--catalog-url <url>', 'the catalog that its site subscribes to')
    .option('--json', 'what was started as one line of JSON')
    .addHelpText(
      'after',
      '\ndocs/lab.md tells how to scan it. Exit codes: 0 ended by a signal, 2 it could not be started.',
    )
    .action((options: StartOptions) =>
      reportingFaults(async () => (await import('./start.js')).startStandIns(options)),
    );
  const sup = lab.command('sup').description('the Software Update Point of `lab start --sup`');
  withOutput(sup.command('status').description('what each computer reported of each update'))
    .option('--data <dir>', 'its data folder', 'data/lab-sup')
    .action((options: SupStatusOptions) =>
      reportingFaults(async () => (await import('./status.js')).supStatus(options)),
    );
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a number from 0 to 65535');
}
