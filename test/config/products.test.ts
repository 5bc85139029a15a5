import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { type KnownNames, loadProductCatalog } from '../../src/config/products.js';
import { type ProductDefinition, variantOf } from '../../src/core/product.js';
import { versionSchemes } from '../../src/core/versions/index.js';
import { checkFeed, feedTypes } from '../../src/feeds/index.js';

const KNOWN: KnownNames = {
  feedTypes,
  versionSchemes: [...versionSchemes.keys()],
  checkFeed,
};
const folder = mkdtempSync(join(tmpdir(), 'products-'));
after(() => rmSync(folder, { recursive: true }));
const NPP = 'notepad++/notepad++.json';
const shipped = (place: string) => JSON.parse(readFileSync(join('catalogs/products', place), 'utf8'));
/** Read once: it is large. */
const SHIPPED = loadProductCatalog(['catalogs/products'], KNOWN);
let folders = 0;

/** A folder of definitions: place to content. */
function folderOf(files: Record<string, unknown>): string {
  const top = join(folder, String(folders++));
  mkdirSync(top);
  for (const [place, content] of Object.entries(files)) {
    mkdirSync(dirname(join(top, place)), { recursive: true });
    writeFileSync(join(top, place), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return top;
}

/** A definition that is right but for one change. */
function changed(
  change: (product: Record<string, unknown>, installer: Record<string, unknown>) => void,
): unknown {
  const product = shipped(NPP);
  change(product, product.installers[0]);
  return product;
}

test('the shipped products: 3,400 and more without a fault, 1,800 of them publish, nothing inferred', () => {
  assert.deepEqual(SHIPPED.faults(), []);
  const all = SHIPPED.all();
  assert.ok(all.length >= 3400, `${all.length} definitions`);
  const publishing = all.filter(({ tier }) => tier !== 'C');
  assert.ok(publishing.length >= 1800, `${publishing.length} in A or B`);
  const installers = all.flatMap((product) => product.installers);
  assert.deepEqual(
    new Set(installers.map((one) => one.technology)),
    new Set(['msi', 'nullsoft', 'inno', 'burn', 'exe']),
  );
  assert.deepEqual(new Set(installers.map((one) => one.architecture)), new Set(['x64', 'x86', 'arm64']));
  assert.ok(installers.every(({ detection }) => detection?.evidence !== 'inferred'));
  assert.deepEqual(
    all.filter(({ tier, lacks = [] }) => tier !== 'A' && lacks.length === 0),
    [],
  );
  assert.deepEqual(
    all.map(({ id }) => id),
    all.map(({ id }) => id).toSorted(),
  );
  assert.equal(SHIPPED.get('OpenJS.NodeJS')?.name, 'Node.js');
  assert.equal(SHIPPED.get('openjs.nodejs'), null);
  assert.ok(!('$schema' in (all[0] as ProductDefinition)));
  assert.deepEqual(SHIPPED.get('Notepad++.Notepad++')?.installers.map(variantOf), [
    'x64/nullsoft/any/machine',
    'x86/nullsoft/any/machine',
  ]);
});

const FAULTS: readonly (readonly [
  string,
  (product: Record<string, unknown>, installer: Record<string, unknown>) => void,
  RegExp,
])[] = [
  [
    'a typing error in a member',
    (product) => {
      product.classificaton = product.classification;
      delete product.classification;
    },
    /at classification, the top; expected: .*"classificaton"/,
  ],
  [
    'a typing error deep down',
    (_, installer) => {
      installer.assetPatern = 'x';
    },
    /at installers\.0; .*"assetPatern"/,
  ],
  [
    'a typing error in a feed',
    (product) => {
      product.feeds = [{ type: 'github-releases', repo: 'a/b', tagPatern: 'x' }];
    },
    /"tagPatern"/,
  ],
  [
    'an unknown feed type',
    (product) => {
      product.feeds = [{ type: 'gopher' }];
    },
    /at feeds\.0\.type; expected: one of appcast, .*, winget, .*; found: gopher/,
  ],
  [
    'a second vantage in the first place',
    (product) => {
      product.tier = 'C';
      product.feeds = [{ type: 'winget', id: 'Vendor.App' }];
    },
    /cannot be the first; where: feeds\.0; expected: the vendor's own feed/,
  ],
  [
    'a second vantage with a path for an id',
    (product) => {
      product.feeds = [...(product.feeds as unknown[]), { type: 'winget', id: 'Vendor/../App' }];
    },
    /a feed of type winget is malformed; .*found: id: must be a winget PackageIdentifier/,
  ],
  [
    'evidence of a header that the technology does not have',
    (_, installer) => {
      Object.assign(installer.detection as object, { evidence: 'inno-header' });
    },
    /must not be of evidence inno-header/,
  ],
  [
    'an unknown version scheme',
    (product) => {
      product.versionScheme = 'roman';
    },
    /at versionScheme; expected: one of numeric, semver, letters, date; found: roman/,
  ],
  [
    'a value out of its list',
    (_, installer) => {
      installer.architecture = 'amd64';
    },
    /at installers\.0\.architecture; expected: .*"x64".*; found: "amd64"/,
  ],
  [
    'a bad pattern',
    (_, installer) => {
      installer.assetPattern = 'a(?!b)';
    },
    /at installers\.0\.assetPattern; expected: look-around and back-references in a pattern are not supported/,
  ],
  [
    'neither pattern nor address',
    (_, installer) => {
      delete installer.assetPattern;
    },
    /at installers\.0\.assetPattern; expected: must be there, or urlTemplate; found: nothing/,
  ],
  [
    'an address in the clear',
    (_, installer) => {
      installer.urlTemplate = 'http://a.test/{version}';
    },
    /urlTemplate; expected: must be an https address/,
  ],
  [
    'an address whose host is a version',
    (_, installer) => {
      installer.urlTemplate = 'https://{version}.test/a';
    },
    /urlTemplate; expected: must be an https address at a fixed host/,
  ],
  [
    'an unknown placeholder',
    (_, installer) => {
      installer.urlTemplate = 'https://a.test/{minor}';
    },
    /urlTemplate; expected: .*known placeholder/,
  ],
  [
    'an EXE that would ask',
    (_, installer) => {
      installer.arguments = '';
    },
    /arguments; expected: must make an EXE silent/,
  ],
  [
    'a line break in a command',
    (_, installer) => {
      installer.arguments = '/S\n/X';
    },
    /arguments; expected: must be printable/,
  ],
  [
    'switches for an MSI',
    (_, installer) => {
      Object.assign(installer, { technology: 'msi', arguments: '/qn', returnCodes: [] });
    },
    /installers\.0\.arguments, .*must be NAME=VALUE properties for an MSI/,
  ],
  [
    'no code that means success',
    (_, installer) => {
      installer.returnCodes = [];
    },
    /returnCodes; expected: must name a code that means Succeeded/,
  ],
  [
    'a code named twice',
    (_, installer) => {
      installer.returnCodes = [0, 0].map((code) => ({ code, result: 'Succeeded', reboot: false }));
    },
    /returnCodes; expected: must name each code once/,
  ],
  [
    'an EXE with evidence of MSI tables',
    (_, installer) => {
      Object.assign(installer.detection as object, { evidence: 'msi-tables' });
    },
    /must not be of evidence msi-tables/,
  ],
  [
    'a name that matches anything',
    (_, installer) => {
      Object.assign(installer.detection as object, { displayName: {} });
    },
    /displayName; expected: needs equalTo/,
  ],
  [
    'a variant twice',
    (product) => {
      product.installers = [0, 0].map((at) => (product.installers as unknown[])[at]);
    },
    /at installers\.1; expected: must be the only one of its variant/,
  ],
  [
    'an id with a path in it',
    (product) => {
      product.id = '../x.y';
    },
    /at id; expected: must be Vendor\.Product/,
  ],
  [
    'a control character in a name',
    (product) => {
      product.name = 'a\u202eb';
    },
    /at name; expected: must be printable; found: "a\\u\{202e\}b"/,
  ],
];

for (const [name, change, expected] of FAULTS) {
  test(`set aside with its reason: ${name}`, () => {
    const top = folderOf({ [NPP]: changed(change), 'putty/putty.json': shipped('putty/putty.json') });
    const catalog = loadProductCatalog([top], KNOWN);
    assert.deepEqual(
      catalog.all().map(({ id }) => id),
      ['PuTTY.PuTTY'],
      'the others go on',
    );
    const [fault, ...more] = catalog.faults();
    assert.deepEqual(more, []);
    assert.equal(fault?.path, join(top, NPP));
    assert.match(fault.message, /^notepad\+\+\.notepad\+\+: definition\.invalid: /);
    assert.match(fault.message, expected);
  });
}

test('what is no JSON, too large, or nothing', () => {
  const top = folderOf({
    'a/b.json': '{"id": "A.B",',
    'c/d.json': '',
    'e/f.json': `"${'x'.repeat(300_000)}"`,
    'g/h.json': '[]',
    'readme.txt': 'x',
  });
  const messages = loadProductCatalog([top], KNOWN)
    .faults()
    .map(({ message }) => message);
  assert.equal(messages.length, 4);
  assert.match(messages[0] ?? '', /cannot be read.*JSON/);
  assert.match(messages[2] ?? '', /300002 bytes/);
});

test('a file stands where its id says; an id stands once', () => {
  const product = shipped(NPP);
  const top = folderOf({ [NPP]: product, 'other/notepad++.json': product });
  const catalog = loadProductCatalog([top], KNOWN);
  assert.equal(catalog.all().length, 1);
  const [fault] = catalog.faults();
  assert.match(
    fault?.message ?? '',
    /wrong place.*expected: notepad\+\+\/notepad\+\+\.json for Notepad\+\+\.Notepad\+\+; found: other\/notepad\+\+\.json/,
  );
});

test("an administrator's own definition wins", () => {
  const own = folderOf({
    [NPP]: changed((product) => {
      product.name = 'Our editor';
    }),
  });
  const catalog = loadProductCatalog([own, 'catalogs/products'], KNOWN);
  assert.equal(catalog.get('Notepad++.Notepad++')?.name, 'Our editor');
  assert.equal(catalog.all().length, SHIPPED.all().length);
  assert.deepEqual(catalog.faults(), []);
});

test("a faulty definition of an administrator's own hides the shipped one", () => {
  const wrong = changed((product) => {
    product.tier = 'Z';
  });
  for (const place of [NPP, 'mine/editor.json']) {
    const right = place === NPP ? wrong : shipped(NPP);
    const catalog = loadProductCatalog([folderOf({ [place]: right }), 'catalogs/products'], KNOWN);
    assert.equal(catalog.get('Notepad++.Notepad++'), null, place);
    assert.equal(catalog.faults().length, 1);
    assert.ok(catalog.get('PuTTY.PuTTY'));
  }
});

test('a product is the same whether it is asked for alone or with all others', () => {
  const top = folderOf({
    [NPP]: shipped(NPP),
    'a/b.json': '[]',
    'other/putty.json': shipped('putty/putty.json'),
  });
  const ids = ['Notepad++.Notepad++', 'notepad++.notepad++', 'A.B', 'PuTTY.PuTTY', '../a.b', 'C.D'];
  const alone = loadProductCatalog([top], KNOWN);
  const found = ids.map((id) => alone.get(id));
  assert.equal(found[0]?.name, 'Notepad++');
  const whole = loadProductCatalog([top], KNOWN);
  assert.equal(whole.faults().length, 2);
  assert.deepEqual(
    ids.map((id) => whole.get(id)),
    found,
  );
});

test('of the last folder only the ids that are named are read, their faults with them', () => {
  const faulty = changed((product) => {
    product.tier = 'Z';
  });
  const files = { [NPP]: faulty, 'a/b.json': '[]', 'putty/putty.json': shipped('putty/putty.json') };
  const ids = ['Notepad++.Notepad++', 'PuTTY.PuTTY', 'C.D'];
  const catalog = loadProductCatalog([folderOf({ 'e/f.json': '[]' }), folderOf(files)], KNOWN, ids);
  assert.deepEqual(
    catalog.all().map(({ id }) => id),
    ['PuTTY.PuTTY'],
  );
  assert.equal(catalog.get('Notepad++.Notepad++'), null);
  assert.deepEqual(
    catalog.faults().map(({ message }) => message.split(':')[0]),
    ['e.f', 'notepad++.notepad++'],
  );
  assert.equal(loadProductCatalog([folderOf(files)], KNOWN, ['C.D']).get('PuTTY.PuTTY'), null);
});

test('a folder that is not there is a fault of the settings', () => {
  assert.throws(() => loadProductCatalog([join(folder, 'none')], KNOWN), /does not exist/);
});
