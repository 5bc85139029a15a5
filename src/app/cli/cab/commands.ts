import type { Command } from 'commander';
import { type OutputOptions, reportingFaults, withOutput } from '../output.js';
import type { SignOptions } from './sign.js';

type OutOptions = OutputOptions & { out: string; force?: boolean };

/** `cab`: cabinets, as catalogs and contents are made of. */
export function addCabCommands(program: Command): void {
  const cab = program.command('cab').description('cabinets');
  withOutput(cab.command('create').description('the files of a folder, with the reserve for a signature'))
    .argument('<folder>')
    .requiredOption('--out <file>', 'the cabinet')
    .option('--force', 'replace what stands there')
    .action((folder: string, options: OutOptions) =>
      reportingFaults(async () => (await import('./create.js')).createCab(folder, options)),
    );
  withOutput(cab.command('list').description('what is in it'))
    .argument('<file>')
    .action((file: string, options: OutputOptions) =>
      reportingFaults(async () => (await import('./read.js')).listCab(file, options)),
    );
  withOutput(cab.command('extract').description('its files, below a folder'))
    .argument('<file>')
    .requiredOption('--out <folder>', 'where to')
    .option('--force', 'replace what stands there')
    .action((file: string, options: OutOptions) =>
      reportingFaults(async () => (await import('./read.js')).extractCab(file, options)),
    );
  addSigning(cab);
}

function addSigning(cab: Command): void {
  withOutput(cab.command('sign').description('a signed copy (Authenticode)'))
    .argument('<file>')
    .requiredOption('--out <file>', 'the signed cabinet')
    .requiredOption('--key <file>', 'PEM or PKCS#12 with key, certificate and issuers, mode 600')
    .option('--password-env <name>', 'environment variable with the password of a PKCS#12 file')
    .option('--timestamp <url>', 'authority (RFC 3161); absent: signer.timestampUrls of the settings')
    .option('--no-timestamp', 'without one: the signature ends with its certificate')
    .option('--timestamp-roots <pem>', "whom the authority's certificate must lead to")
    .option('--publisher <name>', 'shown by Windows beside the signature')
    .option('--force', 'replace what stands there')
    .action((file: string, options: SignOptions) =>
      reportingFaults(async () => (await import('./sign.js')).signCab(file, options)),
    );
  withOutput(
    cab
      .command('verify')
      .description('whether every block is sound and the signature valid; else exit code 1'),
  )
    .argument('<file>')
    .option('--trust <pem>', 'root certificates, in place of those of the settings')
    .action((file: string, options: OutputOptions & { trust?: string }) =>
      reportingFaults(async () => (await import('./read.js')).verifyCab(file, options)),
    );
}
