import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueCertificate } from '../../signing/certificates/index.js';
import { projectPath } from '../config/settings.js';
import { writeOnce } from './keys.js';

export interface TlsIdentity {
  /** PEM; the leaf first. */
  readonly certificate: string;
  readonly key: string;
}

const DAYS = 825;

/** The administrator's certificate where the settings name one, else one of our own that lies in the data folder. */
export function tlsIdentity(
  dataDir: string,
  names: readonly string[],
  files: { readonly tlsCertificateFile?: string | undefined; readonly tlsKeyFile?: string | undefined },
): TlsIdentity {
  if (files.tlsCertificateFile !== undefined && files.tlsKeyFile !== undefined) {
    return {
      certificate: readFileSync(projectPath(files.tlsCertificateFile), 'utf8'),
      key: readFileSync(projectPath(files.tlsKeyFile), 'utf8'),
    };
  }
  return ownIdentity(join(dataDir, 'tls'), names);
}

/** A private authority and a certificate by it: enough to try with, and the authority's certificate can be imported. */
function ownIdentity(folder: string, names: readonly string[]): TlsIdentity {
  const file = (name: string): string => join(folder, name);
  if (!existsSync(file('server.json'))) {
    const authority = createAuthority('CN=Patchpress content authority');
    const leaf = issueCertificate(authority, {
      subject: `CN=${names[0] ?? hostname()}`,
      usage: 'serverAuth',
      hosts: [...new Set([...names, hostname(), 'localhost', '127.0.0.1'])],
      days: DAYS,
    });
    writeOnce(file('authority.pem'), authority.certificate, 0o644);
    // Certificate and key in one file, so that they fit whoever wrote it.
    writeOnce(file('server.json'), JSON.stringify({ certificate: leaf.certificate, key: leaf.key }));
  }
  return JSON.parse(readFileSync(file('server.json'), 'utf8')) as TlsIdentity;
}
