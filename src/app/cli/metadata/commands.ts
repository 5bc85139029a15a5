import { type Command, InvalidArgumentError, Option } from 'commander';
import { type OutputOptions, reportingFaults, withOutput } from '../output.js';
import type { ValidateOptions } from './sdp.js';
import type { TranslateOptions } from './sus.js';

/** `sdp`, `sus` and `evaluate`: update documents, part by part. */
export function addMetadataCommands(program: Command): void {
  addSdp(program.command('sdp').description('update documents (Software Distribution Packages)'));
  addSus(program.command('sus').description('what an update server makes of a package'));
  withOutput(program.command('evaluate').description('what a client says of an update on a machine, and why'))
    .argument('<sdp>')
    .requiredOption('--machine <file>', 'the machine, as docs/metadata.md describes it')
    .action((file: string, options: OutputOptions & { machine: string }) =>
      reportingFaults(async () => (await import('./evaluate.js')).evaluate(file, options)),
    );
}

function addSdp(sdp: Command): void {
  withOutput(sdp.command('show').description('what it says, with the rules as sentences'))
    .argument('<file>')
    .action((file: string, options: OutputOptions) =>
      reportingFaults(async () => (await import('./sdp.js')).showSdp(file, options)),
    );
  withOutput(
    sdp
      .command('validate')
      .description('every rule that it breaks; exit code 1 if the schema or WSUS refuses it'),
  )
    .argument('<file>')
    .option('--content <file>', 'its content: digest, size and name are compared')
    .option('--publish', 'what only our own catalogs refuse counts too')
    .addOption(
      new Option('--route <route>', 'how it is published').choices(['catalog', 'direct']).default('catalog'),
    )
    .action((file: string, options: ValidateOptions) =>
      reportingFaults(async () => (await import('./sdp.js')).validateSdpFile(file, options)),
    );
}

function addSus(sus: Command): void {
  withOutput(
    sus.command('translate').description('the update document, and its fragments as clients get them'),
  )
    .argument('[sdp]')
    .option('--file <cab>', "the item's content; of several items again, in their order", collect, [])
    .option('--revision <number>', "the server's revision", wholeNumber, 1)
    .option(
      '--usp <file>',
      'a package with all server properties (UpdateServicesPackage), in place of an SDP',
    )
    .action((sdp: string | undefined, options: TranslateOptions) =>
      reportingFaults(async () => (await import('./sus.js')).translate(sdp, options)),
    );
  withOutput(sus.command('fragments').description('what clients are told of an update document'))
    .argument('<update>')
    .action((file: string, options: OutputOptions) =>
      reportingFaults(async () => (await import('./sus.js')).fragments(file, options)),
    );
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number from 1 on');
}
