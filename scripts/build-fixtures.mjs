// Builds the installers that the lab's vendor site serves, signs them, and writes the manifest of what each installs.
// Needs wixl, msibuild, makensis, osslsigncode, openssl and Inno Setup's compiler (`ISCC`); the results are committed, so
// neither tests nor the demo run it. Files that are there are kept as they are: update ids hang on their bytes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildInno, innoRegistry } from './fixtures/inno.mjs';
import { openKeys } from './fixtures/keys.mjs';
import { buildMsi, msiFacts, msiRegistry } from './fixtures/msi.mjs';
import { buildNsis } from './fixtures/nsis.mjs';
import { programFolderOf, variantOf, viewOf } from './fixtures/names.mjs';
import { PRODUCTS } from './fixtures/products.mjs';
import { fourParts, makeProgram } from './fixtures/program.mjs';

const OUT = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src/lab/vendor-site/fixtures');
const work = mkdtempSync(join(tmpdir(), 'patchpress-fixtures-'));

const BUILD = { msi: buildMsi, nullsoft: buildNsis, inno: buildInno };

const keyNameOf = (product) =>
  product.id
    .toLowerCase()
    .replace(/[^a-z0-9.]/g, '')
    .replace('.', '-');
/** Common names by the name of the key. */
const SIGNERS = Object.fromEntries([
  ...PRODUCTS.filter(({ signer }) => signer !== null).map((product) => [keyNameOf(product), product.signer]),
  ['another-vendor', 'Another Vendor'],
]);
const keys = openKeys({ folder: join(OUT, 'keys'), work }, SIGNERS, run);

const installers = PRODUCTS.flatMap((product) =>
  Object.entries(product.versions).flatMap(([stage, version]) => build(product, stage, version)),
);
removeOthers(installers.map(({ path }) => path));
writeFileSync(join(OUT, 'manifest.json'), `${JSON.stringify({ installers }, null, 2)}\n`);
rmSync(work, { recursive: true, force: true });

/** The file as its vendor ships it and, of what a feed shows and its vendor signs, two that a publisher must refuse. */
function build(product, stage, [version, date]) {
  const spec = product.installer(version);
  const program = makeProgram(version, spec.architecture);
  let built = null;
  const unsigned = () => {
    built ??= BUILD[spec.technology](spec, program, work, run);
    return built;
  };
  const entry = (alteration, signer) => {
    const folder = ['installers', keyNameOf(product), version, ...(alteration === null ? [] : [alteration])];
    const path = join(...folder, spec.fileName);
    mkdirSync(join(OUT, ...folder), { recursive: true });
    if (!existsSync(join(OUT, path))) {
      if (signer === null) copyFileSync(unsigned(), join(OUT, path));
      else sign(unsigned(), join(OUT, path), signer, spec, date);
    }
    const signedBy = SIGNERS[signer] ?? null;
    return describe({ product, stage, version, date, spec, program, path, alteration, signer: signedBy });
  };
  const vendors = entry(null, product.signer === null ? null : keyNameOf(product));
  if (product.signer === null || stage === 'older') return [vendors];
  return [vendors, entry('unsigned', null), entry('changed-signer', 'another-vendor')];
}

/** Files that no product ships any more. */
function removeOthers(kept) {
  for (const row of readdirSync(join(OUT, 'installers'), { recursive: true, withFileTypes: true })) {
    const path = join(row.parentPath, row.name);
    if (row.isFile() && !kept.includes(relative(OUT, path))) rmSync(path);
  }
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
  const extended = spec.technology === 'msi' && spec.architecture !== 'x86' ? ['-add-msi-dse'] : [];
  const texts = ['-n', spec.productName, '-i', new URL(spec.url).origin];
  run(
    'osslsigncode',
    ['sign', '-h', 'sha256', ...identity, ...texts, ...stamp, ...extended, '-in', from, '-out', to],
    work,
  );
}

function describe({ product, stage, version, date, spec, program, path, alteration, signer }) {
  const bytes = readFileSync(join(OUT, path));
  const folder = programFolderOf(spec);
  const fileVersion = fourParts(version).join('.');
  return {
    productId: product.id,
    version,
    stage,
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
        ...uninstallersOf(spec, fileVersion).map(([name, of]) => ({
          path: `${folder}\\${name}`,
          version: of,
        })),
      ],
      registryView: viewOf(spec),
      registry: registryOf(rowsOf(spec)),
      msi: spec.technology === 'msi' ? msiFacts(spec) : null,
    },
  };
}

/** Inno Setup's uninstaller has a version of its own, that of 5.6.1 this one. */
function uninstallersOf({ technology }, fileVersion) {
  if (technology === 'msi') return [];
  return technology === 'inno' ? [['unins000.exe', '51.1052.0.0']] : [['uninstall.exe', fileVersion]];
}

function rowsOf(spec) {
  if (spec.technology === 'msi') return msiRegistry(spec);
  return spec.technology === 'inno' ? innoRegistry(spec) : spec.registry;
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
