import type { Command } from 'commander';
import { type OutputOptions, reportingFaults, withOutput } from '../output.js';
import type { VerifyOptions } from './verify.js';

/** `catalog verify`, `diff` and `history`: what is asked of catalogs, ours and others. */
export function addCatalogQuestions(catalog: Command): void {
  withOutput(
    catalog.command('verify').description('what a catalog breaks (v1, v2, v3); exit code 1 if anything'),
  )
    .argument('<file>', 'a cabinet, or the XML at the root of one')
    .option('--content <folder>', 'files of its updates: digest, size and name are compared')
    .option('--trust <pem>', 'root certificates, in place of those of the settings')
    .option('--tolerant', "exit code 0 where all that is found real vendors' catalogs do too")
    .action((file: string, options: VerifyOptions) =>
      reportingFaults(async () => (await import('./verify.js')).verifyCatalogFile(file, options)),
    );
  withOutput(
    catalog
      .command('diff')
      .description('what was added, removed, revised and expired; exit code 1 if anything'),
  )
    .argument('<a>', 'a file, the number of a revision, or a date')
    .argument('<b>')
    .action((a: string, b: string, options: OutputOptions) =>
      reportingFaults(async () => (await import('./diff.js')).diffCatalogFiles(a, b, options)),
    );
  withOutput(
    catalog.command('history').description('every revision of our catalog, and what changed with it'),
  )
    .option('--at <revision>', 'only this number, or the one that stood at this date')
    .action((options: OutputOptions & { at?: string }) =>
      reportingFaults(async () => (await import('./history.js')).catalogHistory(options)),
    );
}
