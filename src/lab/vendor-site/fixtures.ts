import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PermanentError } from '../../core/errors.js';
import type { TrustAnchors } from '../../core/ports.js';

const RegistryValue = z.strictObject({
  type: z.enum(['REG_SZ', 'REG_EXPAND_SZ', 'REG_DWORD']),
  value: z.union([z.string(), z.number()]),
});

const Installs = z.strictObject({
  files: z.array(z.strictObject({ path: z.string(), version: z.string(), size: z.number().optional() })),
  registryView: z.enum(['64', '32']),
  registry: z.record(z.string(), z.record(z.string(), RegistryValue)),
  msi: z
    .strictObject({
      productCode: z.string(),
      upgradeCode: z.string(),
      version: z.string(),
      language: z.number(),
    })
    .nullable(),
});

const Fixture = z.strictObject({
  productId: z.string(),
  version: z.string(),
  /** What computers have already, what the feed shows, and what the vendor releases later. */
  stage: z.enum(['older', 'current', 'next']),
  variant: z.string(),
  architecture: z.enum(['x64', 'x86', 'arm64']),
  technology: z.enum(['msi', 'nullsoft', 'inno', 'exe']),
  /** Of an `exe`: what makes it silent, in its vendor's own words. */
  silentWord: z.string().optional(),
  /** Null: as the vendor ships it. */
  alteration: z.enum(['unsigned', 'changed-signer']).nullable(),
  /** Subject of the code-signing certificate, most specific part first. */
  signer: z.string().nullable(),
  releasedAt: z.string(),
  url: z.string(),
  fileName: z.string(),
  path: z.string(),
  sha256: z.string(),
  sizeBytes: z.number(),
  installs: Installs,
});
const Manifest = z.strictObject({ installers: z.array(Fixture) });

/** One file of the manifest and what it really installs. */
export type Fixture = z.infer<typeof Fixture>;
export type Alteration = NonNullable<Fixture['alteration']>;

export interface Fixtures {
  /** As the vendors ship them: of each product the versions from old to new, those of later too. */
  readonly shipped: readonly Fixture[];
  bySha256(sha256: string): Fixture | null;
  /** The same file, unsigned or signed by someone else; PermanentError `not-found` where there is none. */
  altered(fixture: Fixture, alteration: Alteration): Fixture;
  read(fixture: Fixture): Buffer;
  /** The CAs of the vendors' certificates and of their timestamps. */
  readonly trust: TrustAnchors;
}

/** Reads a folder in the form of the committed one: `manifest.json`, `installers/` and the certificates of `keys/`. */
export function loadFixtures(folder: string): Fixtures {
  const { installers } = Manifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
  const certificates = (name: string) => {
    const file = join(folder, 'keys', `${name}.crt.pem`);
    return existsSync(file) ? [new X509Certificate(readFileSync(file)).raw] : [];
  };
  const bySha256 = new Map(installers.map((fixture) => [fixture.sha256, fixture]));
  return {
    shipped: installers.filter((fixture) => fixture.alteration === null),
    bySha256: (sha256) => bySha256.get(sha256) ?? null,
    altered: (fixture, alteration) => {
      const found = installers.find((other) => other.alteration === alteration && other.url === fixture.url);
      if (found !== undefined) return found;
      throw missing(`${fixture.fileName}, ${alteration}`);
    },
    read: (fixture) => readFileSync(join(folder, fixture.path)),
    trust: { codeSigningRoots: certificates('vendor-ca'), timestampRoots: certificates('timestamp-ca') },
  };
}

/** All of them as one; no file is in two. */
export function joinFixtures(parts: readonly Fixtures[]): Fixtures {
  const ownerOf = (fixture: Fixture): Fixtures => {
    const owner = parts.find((part) => part.bySha256(fixture.sha256) !== null);
    if (owner === undefined) throw missing(fixture.fileName);
    return owner;
  };
  return {
    shipped: parts.flatMap(({ shipped }) => shipped),
    bySha256: (sha256) => parts.map((part) => part.bySha256(sha256)).find((found) => found !== null) ?? null,
    altered: (fixture, alteration) => ownerOf(fixture).altered(fixture, alteration),
    read: (fixture) => ownerOf(fixture).read(fixture),
    trust: {
      codeSigningRoots: parts.flatMap(({ trust }) => trust.codeSigningRoots),
      timestampRoots: parts.flatMap(({ trust }) => trust.timestampRoots),
    },
  };
}

/** What lies at the vendor's, from old to new: what it releases later lies there once it is `released`. */
export function atVendor(fixtures: Fixtures, productId: string, released: boolean): readonly Fixture[] {
  return fixtures.shipped.filter(
    (fixture) => fixture.productId === productId && (released || fixture.stage !== 'next'),
  );
}

/** The newest version of each variant that the vendor ships. */
export function newestOf(fixtures: Fixtures, productId: string, released = false): readonly Fixture[] {
  const ofProduct = atVendor(fixtures, productId, released);
  const newest = ofProduct.at(-1)?.version;
  return ofProduct.filter((fixture) => fixture.version === newest);
}

/** The versions of a variant from old to new. */
export function versionsOf(fixtures: Fixtures, productId: string, variant: string): readonly Fixture[] {
  return fixtures.shipped.filter((fixture) => fixture.productId === productId && fixture.variant === variant);
}

export function missing(what: string): PermanentError {
  return new PermanentError('not-found', 'the lab has no such installer', {
    where: what,
    expected: 'an entry of src/lab/vendor-site/fixtures/manifest.json',
    nextStep: 'add it to scripts/fixtures/products.mjs and build the fixtures',
  });
}
