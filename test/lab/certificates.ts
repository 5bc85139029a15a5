import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

/** Certificates for tests of transport and client identity, made without our own signing code. */
export interface TestIdentity {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

interface Kind {
  readonly isAuthority?: boolean;
  readonly usage?: 'serverAuth' | 'clientAuth';
  readonly hosts?: readonly string[];
}

let serial = 1;

export function makeAuthority(name: string): TestIdentity {
  return make(name, { isAuthority: true }, null);
}

export function makeIdentity(name: string, kind: Kind, issuer: TestIdentity): TestIdentity {
  return make(name, kind, issuer);
}

function make(name: string, kind: Kind, issuer: TestIdentity | null): TestIdentity {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(
    String(pair.publicKey.export({ type: 'spki', format: 'pem' })),
  );
  serial += 1;
  certificate.serialNumber = `0${serial.toString(16).padStart(7, '1')}`;
  certificate.validity.notBefore = new Date(Date.now() - 86_400_000);
  certificate.validity.notAfter = new Date(Date.now() + 10 * 86_400_000);
  const subject = [{ name: 'commonName', value: name }];
  certificate.setSubject(subject);
  certificate.setIssuer(
    issuer === null ? subject : forge.pki.certificateFromPem(issuer.certificate).subject.attributes,
  );
  certificate.setExtensions(extensionsOf(kind));
  certificate.sign(forge.pki.privateKeyFromPem(issuer?.key ?? key), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key };
}

function extensionsOf(kind: Kind): object[] {
  if (kind.isAuthority === true) {
    return [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ];
  }
  const names = (kind.hosts ?? []).map((value) => ({ type: 2, value }));
  return [
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', [kind.usage ?? 'serverAuth']: true },
    ...(names.length === 0 ? [] : [{ name: 'subjectAltName', altNames: names }]),
  ];
}
