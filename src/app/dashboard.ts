import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectPath, type Settings } from '../config/settings.js';
import { PermanentError } from '../core/errors.js';
import type { Log } from '../core/ports.js';
import { hashPassword, startDashboard } from '../dashboard/index.js';
import { replaceFile } from './keys.js';
import type { Service } from './service.js';

const ASSETS = 'src/dashboard/assets';
const SESSION_KEY_BYTES = 32;

const Access = z.strictObject({
  passwordHash: z.string(),
  /** Base64: seals the session cookies, so that a restart signs nobody out. */
  sessionKey: z.string(),
});

export interface OpenDashboard {
  readonly url: string;
  /** Made at the first start and told once; null afterwards. */
  readonly firstPassword: string | null;
  close(): Promise<void>;
}

/** The pages of a service, behind the one password that lies hashed in the data folder. */
export async function openDashboard(
  { listen, tls }: { listen: { host: string; port: number }; tls?: { certificate: string; key: string } },
  dataDir: string,
  service: Service,
  log: Log,
): Promise<OpenDashboard> {
  const isFirst = !existsSync(accessFile(dataDir));
  const firstPassword = isFirst ? randomPassword() : null;
  const access = firstPassword === null ? readAccess(dataDir) : await makeAccess(firstPassword);
  const dashboard = await startDashboard({
    listen,
    ...(tls === undefined ? {} : { tls }),
    operations: service.operations,
    passwordHash: access.passwordHash,
    sessionKey: Buffer.from(access.sessionKey, 'base64'),
    assetsDir: projectPath(ASSETS),
    log,
    now: () => new Date(),
    schedule: () => service.nextSyncs(),
  }).catch((cause: unknown) => {
    throw unusable(listen, cause);
  });
  // Only now: a start that failed before has told nobody the password.
  if (isFirst) replaceFile(accessFile(dataDir), JSON.stringify(access));
  return { url: dashboard.url, firstPassword, close: () => dashboard.close() };
}

function unusable({ host, port }: { host: string; port: number }, cause: unknown): PermanentError {
  return new PermanentError('configuration.invalid', 'the dashboard cannot listen', {
    where: `${host}:${port}`,
    found: cause instanceof Error ? cause.message : String(cause),
    nextStep: 'choose another port in `dashboard`, or end what uses it',
    cause,
  });
}

/** Where the settings want the pages, and with which certificate. */
export function dashboardPlace({ dashboard }: Settings) {
  const { host, port, tlsCertificateFile, tlsKeyFile } = dashboard;
  const listen = { host, port };
  if (tlsCertificateFile === undefined || tlsKeyFile === undefined) return { listen };
  const read = (file: string) => readFileSync(projectPath(file), 'utf8');
  return { listen, tls: { certificate: read(tlsCertificateFile), key: read(tlsKeyFile) } };
}

/** Null: a random one. Every session ends with the old password. */
export async function setPassword(dataDir: string, wanted: string | null): Promise<string> {
  const password = wanted ?? randomPassword();
  replaceFile(accessFile(dataDir), JSON.stringify(await makeAccess(password)));
  return password;
}

function randomPassword(): string {
  return randomBytes(12).toString('base64url');
}

async function makeAccess(password: string): Promise<z.infer<typeof Access>> {
  return {
    passwordHash: await hashPassword(password),
    sessionKey: randomBytes(SESSION_KEY_BYTES).toString('base64'),
  };
}

function accessFile(dataDir: string): string {
  return join(dataDir, 'dashboard.json');
}

function readAccess(dataDir: string): z.infer<typeof Access> {
  const file = accessFile(dataDir);
  try {
    return Access.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new PermanentError('configuration.invalid', 'the dashboard has no readable password', {
      where: file,
      nextStep: 'set a new one: npm run patchpress -- password',
      cause,
    });
  }
}
