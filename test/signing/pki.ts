import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CertifiedKey,
  certificateDer,
  createAuthority,
  issueCertificate,
} from '../../signing/certificates/index.js';
import { writeCabinet } from '../../src/formats/cab/index.js';

/** One root for code and time: keys take long to make. Valid around today, as the oracles look at the real clock. */
export interface TestPki {
  readonly root: CertifiedKey;
  readonly code: CertifiedKey;
  readonly time: CertifiedKey;
  readonly rootDer: Buffer;
}

export function makePki(): TestPki {
  const root = createAuthority('Signing Test Root');
  return {
    root,
    code: issueCertificate(root, { subject: 'CN=Signing Test, C=DE', usage: 'codeSigning', days: 30 }),
    time: issueCertificate(root, { subject: 'Signing Test TSA', usage: 'timeStamping', days: 30 }),
    rootDer: certificateDer(root.certificate),
  };
}

export function makeUnsignedCabinet(folder: string): string {
  const path = join(folder, 'unsigned.cab');
  const members = [
    {
      name: 'a.txt',
      modified: '2026-11-24T10:00:00Z',
      content: { bytes: Buffer.from('hello '.repeat(9000)) },
    },
    { name: 'V2\\b.sdp', modified: '2026-11-24T10:00:00Z', content: { bytes: Buffer.from('<x/>') } },
  ];
  writeCabinet(members, path, { signatureReserve: true });
  return path;
}

/** `ca.pem` in the folder, for the oracles. */
export function writeRoot(folder: string, pki: TestPki): void {
  writeFileSync(join(folder, 'ca.pem'), pki.root.certificate);
}
