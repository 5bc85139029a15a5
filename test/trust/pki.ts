import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Certificates made by openssl. */
export interface Issued {
  readonly name: string;
  /** Paths of PEM files. */
  readonly certificate: string;
  readonly key: string;
  readonly der: Buffer;
  readonly thumbprint: string;
}

export interface CertificateSpec {
  /** Of the files; unique. */
  readonly name: string;
  /** `/C=DE/O=Sample/CN=Sample`. */
  readonly subject: string;
  /** Lines of an openssl extension section. */
  readonly extensions: readonly string[];
  readonly days?: number;
  /** Arguments of `openssl genpkey`; P-256 by default. */
  readonly key?: 'ec' | 'rsa' | 'rsa1024' | 'secp256k1';
  /** The key of another certificate instead of a new one. */
  readonly keyOf?: Issued;
  readonly digest?: 'sha256' | 'sha384' | 'sha1' | 'md5';
}

export const AUTHORITY = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
export const CODE_SIGNING = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=codeSigning',
];
export const TIME_STAMPING = ['keyUsage=critical,digitalSignature', 'extendedKeyUsage=critical,timeStamping'];

const KEYS: Readonly<Record<string, readonly string[]>> = {
  ec: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  secp256k1: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  rsa: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  rsa1024: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
};

export function run(folder: string, name: string, args: readonly string[]): Buffer {
  const done = spawnSync(name, args, { cwd: folder, timeout: 60_000, maxBuffer: 64 << 20 });
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0) throw new Error(`${name} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** Null `issuer`: self-signed. */
export function issue(folder: string, spec: CertificateSpec, issuer: Issued | null): Issued {
  const { name } = spec;
  const key = spec.keyOf?.key ?? join(folder, `${name}.key.pem`);
  if (spec.keyOf === undefined)
    run(folder, 'openssl', ['genpkey', ...(KEYS[spec.key ?? 'ec'] ?? []), '-out', key]);
  const config = join(folder, `${name}.cnf`);
  writeFileSync(config, `[req]\ndistinguished_name=dn\n[dn]\n[ext]\n${spec.extensions.join('\n')}\n`);
  const certificate = join(folder, `${name}.pem`);
  const request = ['req', '-new', '-config', config, '-key', key, '-subj', spec.subject, '-utf8'];
  const digest = `-${spec.digest ?? 'sha256'}`;
  const days = ['-days', String(spec.days ?? 3650)];
  if (issuer === null) {
    run(folder, 'openssl', [...request, '-x509', '-extensions', 'ext', ...days, digest, '-out', certificate]);
  } else {
    run(folder, 'openssl', [...request, '-out', `${name}.csr`]);
    const by = ['-CA', issuer.certificate, '-CAkey', issuer.key, '-CAcreateserial'];
    const ext = ['-extfile', config, '-extensions', 'ext'];
    const args = ['x509', '-req', '-in', `${name}.csr`, ...by, ...ext, ...days, digest, '-out', certificate];
    run(folder, 'openssl', args);
  }
  const parsed = new X509Certificate(readFileSync(certificate));
  return { name, certificate, key, der: parsed.raw, thumbprint: parsed.fingerprint.replaceAll(':', '') };
}

/** One PEM file of several certificates. */
export function bundle(folder: string, name: string, certificates: readonly Issued[]): string {
  const path = join(folder, name);
  writeFileSync(path, certificates.map(({ certificate }) => readFileSync(certificate, 'utf8')).join(''));
  return path;
}
