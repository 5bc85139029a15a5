import type { Architecture, InstallerTechnologyName } from './product.js';

/** What an inspected file says about itself and what it will write: the evidence that rules and proofs are held to. */
export interface InstallerInspection {
  readonly technology: InstallerTechnologyName | 'unknown';
  readonly architecture: Architecture | null;
  readonly scope: 'machine' | 'user' | 'unknown';
  readonly productName: string | null;
  readonly publisher: string | null;
  /** MSI ProductVersion, or the fixed file version of an EXE. */
  readonly version: string | null;
  readonly language: number | null;
  readonly productCode: string | null;
  readonly upgradeCode: string | null;
  /** ARP rows that the file itself proves it writes (MSI tables); empty where the format cannot tell (NSIS scripts). */
  readonly arp: readonly ArpEvidence[];
}

export interface ArpEvidence {
  readonly view: '64' | '32';
  /** Nothing tells the view: the row may as well be in the other one. */
  readonly viewIsOpen?: true;
  readonly key: string;
  readonly displayName: string;
  readonly displayVersion: string;
  readonly publisher: string | null;
  readonly windowsInstaller: boolean;
  /** What proves it: `msi-tables`, `inno-header`, `burn-manifest`, `stated by the definition`. */
  readonly source: string;
}

export interface FileDigests {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sha1: string;
  readonly sizeBytes: number;
}

export interface SignerIdentity {
  /** RFC 4514-like, most specific first: `CN=..., O=..., C=...`. */
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  /** Upper-case hex SHA-1 of the DER certificate, as ConfigMgr names it. */
  readonly thumbprint: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly certificateDer: Buffer;
}

/** The answer of `src/trust`. Only `valid` may be acted on; anything in doubt is not `valid`. */
export type SignatureReport =
  | {
      readonly status: 'valid';
      readonly signer: SignerIdentity;
      readonly digestAlgorithm: 'sha256' | 'sha384' | 'sha512' | 'sha1';
      readonly timestamp: { readonly time: string; readonly authority: string } | null;
    }
  | { readonly status: 'unsigned' }
  | {
      readonly status: 'invalid';
      readonly reason:
        | 'malformed'
        | 'digest-mismatch'
        | 'signature-mismatch'
        | 'untrusted-root'
        | 'expired'
        | 'wrong-usage'
        | 'weak-algorithm'
        | 'timestamp-invalid'
        | 'trailing-data';
      readonly detail: string;
    };
