import type { Command } from 'commander';
import { type OutputOptions, reportingFaults, withOutput } from '../output.js';
import type { EditOptions } from './edit.js';
import { EDITABLE } from './editable.js';
import type { ImportOptions } from './import.js';

/** `catalog import`, `imported` and `edit`: other vendors' catalogs. */
export function addImportCommands(catalog: Command): void {
  withOutput(
    catalog
      .command('import')
      .description(
        "take in another vendor's catalog (v1, v2, v3, an export of SCUP), or a folder of update documents",
      ),
  )
    .argument('<file|folder>', 'a cabinet, the XML at the root of one, or a folder of *.sdp files')
    .option('--name <name>', 'what it is called here; absent: the base name of the file')
    .option('--dry-run', 'say what it would change, and change nothing')
    .option('--trust <pem>', 'root certificates for its signature, in place of those of the settings')
    .addHelpText(
      'after',
      '\nExit codes: 0 taken in, 1 something in it was set aside, 2 nothing could be read. Its signature is told, not demanded.',
    )
    .action((file: string, options: ImportOptions) =>
      reportingFaults(async () => (await import('./import.js')).importForeign(file, options)),
    );
  withOutput(
    catalog
      .command('imported')
      .description('what was taken in from other catalogs, and what is edited of it'),
  )
    .option('--name <name>', 'only of this catalog')
    .action((options: OutputOptions & { name?: string }) =>
      reportingFaults(async () => (await import('./imported.js')).listImported(options)),
    );
  withOutput(
    catalog
      .command('edit')
      .description(
        'say something of an imported package otherwise than its vendor; it survives the next import',
      ),
  )
    .argument('<PackageID>')
    .option('--set <name=value...>', EDITABLE)
    .option('--clear <name...>', 'as the vendor says again')
    .action((packageId: string, options: EditOptions) =>
      reportingFaults(async () => (await import('./edit.js')).editImported(packageId, options)),
    );
}
