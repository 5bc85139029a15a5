import { createHash, createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CertifiedKey,
  certificateDer,
  createAuthority,
  issueCertificate,
  subjectOf,
} from '../../../signing/certificates/index.js';
import { replaceFile } from '../software-update-point/state.js';
import { type Fixture, type Fixtures, loadFixtures, newestOf } from '../vendor-site/fixtures.js';
import type { VendorIdentity } from './authenticode.js';
import { makeInno } from './inno.js';
import type { InstallerFacts } from './installer-facts.js';
import { installsOf } from './installs.js';
import { makeMsi } from './msi.js';
import { makeNsis } from './nsis.js';

/** A file that a stand-in vendor ships, before it is made. */
export interface InstallerOrder
  extends Pick<
    Fixture,
    'productId' | 'version' | 'stage' | 'variant' | 'technology' | 'url' | 'fileName' | 'silentWord'
  > {
  readonly vendor: string;
  readonly facts: InstallerFacts;
}

const DAYS = 3650;
const RELEASED = {
  older: '2026-01-05T00:00:00Z',
  current: '2026-01-06T00:00:00Z',
  next: '2026-01-07T00:00:00Z',
} as const;

/**
 * The installers of these orders as files in the folder, in the form of the committed fixtures: what was made before is
 * kept byte for byte, because the ids of updates hang on it. `built`: the fixtures that Inno Setup's and NSIS's own
 * compilers made.
 */
export function makeInstallers(
  folder: string,
  orders: readonly InstallerOrder[],
  built: Fixtures,
  now: Date,
): Fixtures {
  mkdirSync(join(folder, 'installers'), { recursive: true, mode: 0o700 });
  const manifestFile = join(folder, 'manifest.json');
  const authority = openAuthority(folder, now);
  const known = existsSync(manifestFile) ? loadFixtures(folder).shipped : [];
  const idOf = ({ productId, version, variant }: Pick<Fixture, 'productId' | 'version' | 'variant'>) =>
    [productId, version, variant].join(' ');
  const knownIds = new Set(known.map(idOf));
  const vendors = createVendors(authority, now);
  const added = orders
    .filter((order) => !knownIds.has(idOf(order)))
    .map((order) => makeOne(folder, order, built, vendors(order.vendor)));
  replaceFile(manifestFile, JSON.stringify({ installers: [...known, ...added] }));
  return loadFixtures(folder);
}

function makeOne(folder: string, order: InstallerOrder, built: Fixtures, vendor: VendorIdentity): Fixture {
  const { vendor: _, facts, ...said } = order;
  const bytes = bytesOf(order, built, vendor);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = `installers/${sha256}`;
  writeFileSync(join(folder, path), bytes);
  return {
    ...said,
    architecture: facts.architecture,
    alteration: null,
    signer: subjectOf(certificateDer(vendor.certificate)),
    releasedAt: RELEASED[order.stage],
    path,
    sha256,
    sizeBytes: bytes.length,
    installs: installsOf(order.technology, facts),
  };
}

/** An executable of any other kind is an NSIS that its vendor calls by another silent word. */
function bytesOf({ technology, facts }: InstallerOrder, built: Fixtures, vendor: VendorIdentity): Buffer {
  if (technology === 'msi') return makeMsi(facts, vendor);
  if (technology === 'inno') return makeInno(unsignedOf(built, 'inno', facts.architecture), facts, vendor);
  return makeNsis(unsignedOf(built, 'nullsoft'), facts, vendor);
}

/** One that a compiler made, as it was before it was signed. */
function unsignedOf(
  built: Fixtures,
  technology: Fixture['technology'],
  architecture?: Fixture['architecture'],
): Buffer {
  const fits = (one: Fixture) =>
    one.technology === technology &&
    one.signer !== null &&
    (architecture ?? one.architecture) === one.architecture;
  const found = built.shipped.find((one) => fits(one) && newestOf(built, one.productId).includes(one));
  if (found === undefined)
    throw new Error(`no ${technology} for ${architecture ?? 'any architecture'} was built`);
  return built.read(built.altered(found, 'unsigned'));
}

/** The authority of the vendors, made at the first start and kept, so that what trusts it goes on trusting it. */
function openAuthority(folder: string, now: Date): CertifiedKey {
  const keys = join(folder, 'keys');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const [certificateFile, keyFile] = [join(keys, 'vendor-ca.crt.pem'), join(keys, 'vendor-ca.key.pem')];
  if (existsSync(certificateFile)) {
    return {
      certificate: readFileSync(certificateFile, 'utf8'),
      key: readFileSync(keyFile, 'utf8'),
      chain: [],
    };
  }
  const authority = createAuthority('CN=Patchpress Lab Stand-in Vendors CA, O=Patchpress Lab', { now });
  writeFileSync(keyFile, authority.key, { mode: 0o600 });
  replaceFile(certificateFile, authority.certificate);
  return authority;
}

/** By the vendor's name; hundreds of vendors have a certificate each, and all of them the authority's key. */
function createVendors(authority: CertifiedKey, now: Date): (name: string) => VendorIdentity {
  const privateKey = createPrivateKey(authority.key);
  const issued = new Map<string, VendorIdentity>();
  return (name) => {
    const subject = `CN=${commonNameOf(name)}, O=Patchpress Lab`;
    const known =
      issued.get(subject) ??
      issueCertificate(authority, { subject, usage: 'codeSigning', privateKey, days: DAYS, now });
    issued.set(subject, known);
    return known;
  };
}

/** At most 64 characters (RFC 5280, ub-common-name), none with a meaning in a subject's text. */
function commonNameOf(vendor: string): string {
  return vendor
    .replace(/[\\",;+=<>#]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 64)
    .trim();
}
