import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { parseFirstAsn1 } from '../../src/trust/asn1.js';
import { identityOf, readCertificate } from '../../src/trust/certificate.js';
import { digestNameOf } from '../../src/trust/algorithm.js';
import { OID } from '../../src/trust/oids.js';
import { readSignedData } from '../../src/trust/signed-data.js';

/** Certificates and a signature that vendors and Microsoft's tools made. */
const samples = '../shared/samples/catalogs/lenovo-2020-v3';

describe('real certificates', { skip: existsSync(samples) ? false : `${samples} is not there` }, () => {
  const folder = join(samples, 'ContentCertificates');

  test('have the thumbprint that ConfigMgr names them by, and the subject that openssl tells', (t) => {
    const paths = readdirSync(folder).map((name) => join(folder, name));
    assert.ok(paths.length > 3);
    for (const path of paths) {
      const identity = identityOf(readCertificate(readFileSync(path)));
      assert.equal(identity.thumbprint, basename(path, '.cer'));
      const args = ['x509', '-inform', 'DER', '-in', path, '-noout', '-subject', '-serial'];
      const told = spawnSync('openssl', [...args, '-nameopt', 'RFC2253,sep_comma_plus_space']);
      if (told.error !== undefined) return t.skip('openssl is not installed');
      assert.equal(String(told.stdout), `subject=${identity.subject}\nserial=${identity.serial}\n`);
    }
  });

  test('name code signing as their purpose and have no extension that is not understood', () => {
    for (const name of readdirSync(folder)) {
      const { extensions } = readCertificate(readFileSync(join(folder, name)));
      assert.deepEqual(extensions.extKeyUsage?.purposes, [OID.codeSigning]);
      assert.deepEqual(extensions.unknownCritical, []);
    }
  });

  test("a signature that Microsoft's tool made is read, and its SHA-1 is weak", () => {
    const bytes = readFileSync(join(samples, 'cab-authenticode-signature.p7b'));
    const { value, rest } = parseFirstAsn1(bytes, 'the signature');
    assert.ok(rest.length < 8 && rest.every((octet) => octet === 0));
    const { contentType, certificates, signer } = readSignedData(value);
    assert.equal(contentType, OID.spcIndirectData);
    assert.deepEqual(
      certificates.map(({ subjectText }) => subjectText),
      ['CN=PatchMyPC Service'],
    );
    assert.throws(() => digestNameOf(signer.digestAlgorithm), { reason: 'weak-algorithm' });
  });
});
