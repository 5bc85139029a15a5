import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { describeFault, PermanentError, printable } from '../../../core/errors.js';
import {
  startUpdateServices,
  type UpdateServices,
} from '../../../lab/software-update-point/imported/index.js';
import { tlsIdentity } from '../../own-certificate.js';
import { EXIT, firstOf } from '../output.js';
import { startAll } from './start-all.js';

export interface StartOptions {
  readonly sup?: boolean;
  readonly import?: string;
  readonly approvals?: string;
  readonly port?: number;
  readonly http?: boolean;
  readonly name: string;
  readonly data?: string;
  readonly catalogUrl?: string;
  readonly json?: boolean;
}

export interface Started {
  /** For `--json`. */
  readonly told: unknown;
  readonly text: string;
  close(): Promise<void>;
}

const PORT = { https: 8531, http: 8530 } as const;
const MOST_SHOWN = 10;
const some = (lines: readonly string[]) => firstOf(lines, MOST_SHOWN);

/** Runs until it is asked to end. */
export async function startStandIns(options: StartOptions): Promise<number> {
  refuseUnused(options);
  const started = options.sup === true ? await startSup(options) : await startAll(options);
  process.stdout.write(options.json === true ? `${JSON.stringify(started.told)}\n` : `${started.text}\n`);
  await new Promise<void>((end) => {
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
  await started.close();
  return EXIT.ok;
}

/** What would be passed over in silence is refused. */
function refuseUnused({
  sup = false,
  catalogUrl,
  import: folder,
  approvals,
  port,
  http,
}: StartOptions): void {
  const others = sup
    ? { '--catalog-url <url>': catalogUrl }
    : { '--import <dir>': folder, '--approvals <file>': approvals, '--port <port>': port, '--http': http };
  const unused = Object.entries(others).find(([, value]) => value !== undefined);
  if (unused === undefined) return;
  throw new PermanentError('configuration.invalid', 'an option cannot be used', {
    where: unused[0],
    expected: sup ? 'no --sup with it' : '--sup with it',
    nextStep: 'patchpress lab start --help',
  });
}

async function startSup(options: StartOptions): Promise<Started> {
  const { name, http = false } = options;
  const folder = resolve(options.data ?? join('data', 'lab-sup'));
  const services = await startUpdateServices({
    folder,
    importFolder: options.import === undefined ? null : resolve(options.import),
    approvals: readApprovals(options.approvals),
    hostName: name,
    port: options.port ?? (http ? PORT.http : PORT.https),
    identity: http ? null : tlsIdentity(folder, [name], {}),
    now: () => new Date(),
    onFault: (error) => process.stderr.write(`${describeFault(error)}\n`),
  }).catch((error: unknown) => {
    throw portFault(error);
  });
  const ca = http ? null : join(folder, 'tls', 'authority.pem');
  const { baseUrl, port, served, setAside, missingFiles, unreachable } = services;
  return {
    told: { baseUrl, port, ca, data: folder, served, setAside, missingFiles, unreachable },
    text: describeSup(services, ca),
    close: services.close,
  };
}

const Approvals = z.record(z.guid(), z.enum(['Install', 'PreDeploymentCheck', 'Declined']));

function readApprovals(file: string | undefined): ReadonlyMap<string, z.infer<typeof Approvals>[string]> {
  if (file === undefined) return new Map();
  try {
    const approvals = Approvals.parse(JSON.parse(readFileSync(file, 'utf8')));
    return new Map(Object.entries(approvals).map(([id, approval]) => [id.toLowerCase(), approval]));
  } catch (cause) {
    throw new PermanentError('payload.invalid', 'the approvals cannot be read', {
      where: file,
      expected: '{"<update id>": "Install" | "PreDeploymentCheck" | "Declined"}',
      found: cause instanceof Error ? cause.message : String(cause),
      nextStep: 'correct the file',
      cause,
    });
  }
}

function portFault(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error;
  return new PermanentError('configuration.invalid', 'the port is taken', {
    found: error instanceof Error ? error.message : String(error),
    nextStep: 'choose another one with --port, or 0 for any',
    cause: error,
  });
}

function describeSup(services: UpdateServices, ca: string | null): string {
  const { baseUrl, served, setAside, missingFiles, unreachable } = services;
  const scan = `patchpress client scan --via ${baseUrl}${ca === null ? '' : ` --ca ${ca}`} --machine machine.json`;
  return [
    `Update services at ${baseUrl}`,
    ...(ca === null ? [] : [`certificate issued by ${ca}`]),
    `${served.software} updates, ${served.drivers} drivers, ${served.categories} categories and detectoids`,
    ...some(setAside.map(({ path, reason }) => `set aside  ${path}: ${reason}`)),
    ...some(missingFiles.map((file) => `no file    ${file}`)),
    ...some(unreachable.map(({ updateId, missing }) => `unreached  ${updateId}: nothing here is ${missing}`)),
    `scan it:   ${scan}`,
    'Ctrl-C ends it; what computers reported is kept (patchpress lab sup status).',
  ]
    .map((line) => printable(line, 1000))
    .join('\n');
}
