import type { Command } from 'commander';
import { reportingFaults, withOutput } from '../output.js';
import type { BuildOptions } from './build.js';
import { addImportCommands } from './import-commands.js';
import { addCatalogQuestions } from './verbs.js';

/** `catalog`: what sites subscribe to. */
export function addCatalogCommands(program: Command): void {
  const catalog = program.command('catalog').description('catalogs, as sites subscribe to them');
  withOutput(catalog.command('build').description('an unsigned catalog cabinet (v3, with v2 and v1 in it)'))
    .option('--out <folder>', 'where it is written, as <name>.cab', '.')
    .option('--sdp <folder>', 'of the update documents in this folder')
    .option('--from-ledger', 'of what is published, as the next flush would build it; so without --sdp')
    .option('--imported <name>', 'of the catalog that was imported under this name, with the edits in it')
    .option('--certificates <folder>', "with --sdp: the certificates of the installers' signers, DER (.cer)")
    .option('--name <name>', 'base name of the cabinet; absent: the one of the settings')
    .option('--one-folder', 'one folder in the cabinet, as vendors have it; every build packs everything')
    .option('--force', 'replace what stands there')
    .action((options: BuildOptions) =>
      reportingFaults(async () => (await import('./build.js')).buildCatalog(options)),
    );
  addCatalogQuestions(catalog);
  addImportCommands(catalog);
}
