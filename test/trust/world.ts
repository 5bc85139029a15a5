import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { bufferSource } from '../../src/core/bytes.js';
import type { SignatureReport } from '../../src/core/installer.js';
import type { TrustAnchors } from '../../src/core/ports.js';
import { verifySignature } from '../../src/trust/index.js';
import { buildMsi, buildNsis, pseudoRandom } from '../formats/programs.js';
import { AUTHORITY, bundle, CODE_SIGNING, type Issued, issue, run, TIME_STAMPING } from './pki.js';

export type Kind = 'exe' | 'msi' | 'cab';

/** A vendor with a chain of three, a timestamp authority with its own root, and one unsigned file of each kind. */
export interface World {
  readonly folder: string;
  readonly root: Issued;
  readonly issuing: Issued;
  readonly vendor: Issued;
  readonly timestampRoot: Issued;
  readonly timestampAuthority: Issued;
  readonly anchors: TrustAnchors;
  close(): void;
}

const TOOLS = ['openssl', 'osslsigncode', 'gcab', 'makensis', 'wixl'];

/** What is not installed of the programs that these tests need. */
export function missingTools(): readonly string[] {
  return TOOLS.filter((name) => spawnSync(name, ['--version']).error !== undefined);
}

export function openWorld(): World {
  const folder = mkdtempSync(join(tmpdir(), 'patchpress-trust-'));
  const root = issue(
    folder,
    { name: 'root', subject: '/C=DE/O=Roots/CN=Code Root', extensions: AUTHORITY },
    null,
  );
  const issuing = issue(
    folder,
    {
      name: 'issuing',
      subject: '/O=Roots/CN=Code Issuing',
      extensions: [...AUTHORITY, 'extendedKeyUsage=codeSigning'],
    },
    root,
  );
  const vendor = issue(
    folder,
    {
      name: 'vendor',
      subject: '/C=DE/O=Sample, Inc./CN=Sample Vendor',
      extensions: CODE_SIGNING,
      key: 'rsa',
      days: 30,
    },
    issuing,
  );
  const timestampRoot = issue(
    folder,
    { name: 'ts-root', subject: '/O=Time/CN=Time Root', extensions: AUTHORITY, key: 'rsa' },
    null,
  );
  const timestampAuthority = issue(
    folder,
    { name: 'tsa', subject: '/O=Time/CN=Time Authority', extensions: TIME_STAMPING, key: 'rsa', days: 60 },
    timestampRoot,
  );
  return {
    folder,
    root,
    issuing,
    vendor,
    timestampRoot,
    timestampAuthority,
    anchors: { codeSigningRoots: [root.der], timestampRoots: [timestampRoot.der] },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Built by the programs that vendors use, once per world. */
export function unsignedFile(t: TestContext, { folder }: World, kind: Kind): string {
  const path = join(folder, { exe: 'sample.exe', msi: 'sample.msi', cab: 'sample.cab' }[kind]);
  if (existing.has(path)) return path;
  if (kind === 'exe') buildNsis(t, folder);
  else if (kind === 'msi') buildMsi(t, folder, { architecture: 'x64' });
  else {
    writeFileSync(join(folder, 'member.bin'), pseudoRandom(1).bytes(8000));
    run(folder, 'gcab', ['-c', '-z', 'sample.cab', 'member.bin']);
  }
  existing.add(path);
  return path;
}

const existing = new Set<string>();
let count = 0;

export interface SignOptions {
  /** Leaf first. */
  readonly chain: readonly Issued[];
  readonly digest?: string;
  /** Timestamped by this authority, at this time (now by default). */
  readonly timestamp?: { readonly chain: readonly Issued[]; readonly at?: Date };
  readonly extra?: readonly string[];
  /** Another file than the unsigned sample. */
  readonly input?: string | undefined;
}

/** Signed by osslsigncode. Returns the path. */
export function sign(t: TestContext, world: World, kind: Kind, options: SignOptions): string {
  const { folder } = world;
  count += 1;
  const output = join(folder, `signed-${count}.${kind}`);
  const [leaf] = options.chain;
  if (leaf === undefined) throw new Error('a signer is needed');
  const certificates = bundle(folder, `chain-${count}.pem`, options.chain);
  const args = ['sign', '-h', options.digest ?? 'sha256', '-certs', certificates, '-key', leaf.key];
  const [authority] = options.timestamp?.chain ?? [];
  if (options.timestamp !== undefined && authority !== undefined) {
    const path = bundle(folder, `tsa-${count}.pem`, options.timestamp.chain);
    args.push('-TSA-certs', path, '-TSA-key', authority.key);
    if (options.timestamp.at !== undefined)
      args.push('-TSA-time', String(Math.floor(options.timestamp.at.getTime() / 1000)));
  }
  const input = options.input ?? unsignedFile(t, world, kind);
  run(folder, 'osslsigncode', [...args, ...(options.extra ?? []), '-in', input, '-out', output]);
  return output;
}

export function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}

export async function verifyBytes(
  bytes: Uint8Array,
  anchors: TrustAnchors,
  now = new Date(),
): Promise<SignatureReport> {
  return verifySignature(bufferSource(bytes), anchors, now);
}

export async function verifyPath(
  path: string,
  anchors: TrustAnchors,
  now = new Date(),
): Promise<SignatureReport> {
  return verifyBytes(readFileSync(path), anchors, now);
}

/** `valid`, `unsigned`, or the reason. */
export function verdictOf(report: SignatureReport): string {
  return report.status === 'invalid' ? report.reason : report.status;
}
