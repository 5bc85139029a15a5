import { Argument, type Command, InvalidArgumentError } from 'commander';
import { LIFECYCLE_ACTS, type LifecycleAct } from '../../../publishing/software-update-point/lifecycle.js';
import { type OutputOptions, reportingFaults, withOutput } from '../output.js';
import type { ActOptions } from './act.js';
import type { CleanOptions } from './clean.js';
import type { ExportOptions } from './questions.js';

const ACTS: Readonly<Record<LifecycleAct, string>> = {
  decline: 'clients are not offered it any more; can be taken back',
  undecline: 'take a decline back',
  delete: 'delete a declined or expired update and its content',
  resign: "sign its content again with the server's certificate of now, as a new revision",
};

/** `patchpress server`: the update server of the direct route, through the Windows bridge. */
export function addServerCommands(program: Command): void {
  const server = program
    .command('server')
    .description('the Software Update Point of the direct route, over the Windows bridge');
  withOutput(
    server.command('list').description('everything that was published locally there, and what of it is ours'),
  ).action((options: OutputOptions) =>
    reportingFaults(async () => (await import('./questions.js')).listServer(options)),
  );
  withOutput(server.command('cert').description('its signing certificate, and where that is trusted')).action(
    (options: OutputOptions) =>
      reportingFaults(async () => (await import('./questions.js')).showCertificate(options)),
  );
  withOutput(
    server
      .command('export-sdp')
      .description('the document of an update as the server has it')
      .argument('<PackageID>'),
  )
    .requiredOption('--out <file>', 'where it is written; an existing file stays')
    .action((packageId: string, options: ExportOptions) =>
      reportingFaults(async () => (await import('./questions.js')).exportDocument(packageId, options)),
    );
  for (const act of LIFECYCLE_ACTS) {
    withOutput(server.command(act).description(ACTS[act]).addArgument(new Argument('<PackageID>')))
      .option('--reason <text>', 'why, for the audit; needed for everything but a preview')
      .option('--preview', 'say what would happen, and do nothing')
      .action((packageId: string, options: ActOptions) =>
        reportingFaults(async () => (await import('./act.js')).actAtServer(act, packageId, options)),
      );
  }
  withOutput(
    server
      .command('clean')
      .description(
        'decline superseded updates of ours there, and delete what was declined or expired long ago',
      ),
  )
    .option('--keep <number>', 'how many superseded updates of each product stay as they are', count, 2)
    .option('--grace-days <number>', 'how long before what is declined or expired is deleted', count, 30)
    .option('--reason <text>', 'why, for the audit; needed for everything but a preview')
    .option('--preview', 'say what would happen, and do nothing')
    .action((options: CleanOptions) =>
      reportingFaults(async () => (await import('./clean.js')).clean(options)),
    );
}

function count(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number from 0 to 9999');
}
