// Builds the installers that the lab's vendor site serves, signs them, and writes the manifest of what each installs.
// Needs wixl, makensis, osslsigncode and openssl; the results are committed, so neither tests nor the demo run it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openKeys } from './fixtures/keys.mjs';
import { buildMsi, msiFacts, msiRegistry } from './fixtures/msi.mjs';
import { buildNsis } from './fixtures/nsis.mjs';
import { PRODUCTS, programFolderOf, variantOf, viewOf } from './fixtures/products.mjs';
import { fourParts, makeProgram } from './fixtures/program.mjs';

const OUT = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src/lab/vendor-site/fixtures');
const work = mkdtempSync(join(tmpdir(), 'patchpress-fixtures-'));

const keyNameOf = (product) =>
  product.id
    .toLowerCase()
    .replace(/[^a-z0-9.]/g, '')
    .replace('.', '-');
/** Common names by the name of the key. */
const SIGNERS = Object.fromEntries([
  ...PRODUCTS.map((product) => [keyNameOf(product), product.signer]),
  ['another-vendor', 'Another Vendor'],
]);
const keys = openKeys({ folder: join(OUT, 'keys'), work }, SIGNERS, run);

rmSync(join(OUT, 'installers'), { recursive: true, force: true });
const installers = PRODUCTS.flatMap((product) =>
  product.versions.flatMap((version, index) =>
    product
      .installers(version[0])
      .flatMap((spec) => build(product, version, spec, index === product.versions.length - 1)),
  ),
);
writeFileSync(join(OUT, 'manifest.json'), `${JSON.stringify({ installers }, null, 2)}\n`);
rmSync(work, { recursive: true, force: true });

/** The file as its vendor ships it and, of the newest version, the two that a publisher must refuse. */
function build(product, [version, date], spec, isNewest) {
  const program = makeProgram(version, spec.architecture);
  const unsigned = (spec.technology === 'msi' ? buildMsi : buildNsis)(spec, program, work, run);
  const entry = (alteration, signer) => {
    const folder = ['installers', keyNameOf(product), version, ...(alteration === null ? [] : [alteration])];
    const path = join(...folder, spec.fileName);
    mkdirSync(join(OUT, ...folder), { recursive: true });
    rmSync(join(OUT, path), { force: true });
    if (signer === null) copyFileSync(unsigned, join(OUT, path));
    else sign(unsigned, join(OUT, path), signer, spec, date);
    return describe({
      product,
      version,
      date,
      spec,
      program,
      path,
      alteration,
      signer: SIGNERS[signer] ?? null,
    });
  };
  const vendors = entry(null, keyNameOf(product));
  return isNewest ? [vendors, entry('unsigned', null), entry('changed-signer', 'another-vendor')] : [vendors];
}

function sign(from, to, signer, spec, date) {
  const time = String(Date.parse(`${date}T10:00:00Z`) / 1000);
  const identity = ['-certs', keys.certificate(signer), '-key', keys.key(signer)];
  const stamp = [
    '-TSA-certs',
    keys.certificate('timestamp'),
    '-TSA-key',
    keys.key('timestamp'),
    '-TSA-time',
    time,
  ];
  const extended = spec.technology === 'msi' && spec.architecture === 'x64' ? ['-add-msi-dse'] : [];
  const texts = ['-n', spec.productName, '-i', new URL(spec.url).origin];
  run(
    'osslsigncode',
    ['sign', '-h', 'sha256', ...identity, ...texts, ...stamp, ...extended, '-in', from, '-out', to],
    work,
  );
}

function describe({ product, version, date, spec, program, path, alteration, signer }) {
  const bytes = readFileSync(join(OUT, path));
  const isMsi = spec.technology === 'msi';
  const folder = programFolderOf(spec);
  const fileVersion = fourParts(version).join('.');
  return {
    productId: product.id,
    version,
    variant: variantOf(spec),
    architecture: spec.architecture,
    technology: spec.technology,
    alteration,
    signer: signer === null ? null : `CN=${signer}, O=Patchpress Lab`,
    releasedAt: `${date}T09:00:00Z`,
    url: spec.url,
    fileName: spec.fileName,
    path,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
    installs: {
      files: [
        { path: `${folder}\\${spec.program}`, version: fileVersion, size: program.length },
        ...(isMsi ? [] : [{ path: `${folder}\\uninstall.exe`, version: fileVersion }]),
      ],
      registryView: viewOf(spec),
      registry: registryOf(isMsi ? msiRegistry(spec) : spec.registry),
      msi: isMsi ? msiFacts(spec) : null,
    },
  };
}

function registryOf(rows) {
  const keys = {};
  for (const { key, name, value, type } of rows) {
    keys[key] ??= {};
    keys[key][name] = { type: type ?? (typeof value === 'number' ? 'REG_DWORD' : 'REG_SZ'), value };
  }
  return keys;
}

function run(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${program} ${args.join(' ')}\n${error ?? ''}${stdout}${stderr}\n`);
  process.exit(1);
}
