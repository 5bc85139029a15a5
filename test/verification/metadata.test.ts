import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { mergeRules } from '../../src/core/evaluate.js';
import type { InstallHandler } from '../../src/core/update.js';
import { coreFragment, extendedFragment } from '../../src/sus/fragments/index.js';
import { readPackage } from '../../src/sus/sdp/index.js';
import { type ServerProperties, serverUpdate } from '../../src/sus/translate/index.js';
import { childElements, parseXml, textOf, type XmlElement } from '../../src/text/xml/index.js';
import { readCore, readExtended } from '../../src/verification/metadata.js';
import { absent, SAMPLES, sdpSamples } from '../sus/samples.js';

const recorded = (name: string) => readFileSync(`${SAMPLES}/wusp/${name}`, 'utf8');

/** The `Xml` of each entry, from anywhere in a recorded answer. */
function fragmentsIn(answer: string): readonly string[] {
  const found: string[] = [];
  const walk = (from: XmlElement): void => {
    if (from.localName === 'Xml') found.push(textOf(from));
    for (const child of childElements(from)) walk(child);
  };
  walk(parseXml(answer));
  return found;
}

describe('recordings of a real server', { skip: absent }, () => {
  test('a first page: 7 categories and 23 detectoids, their rules and prerequisites', () => {
    const all = fragmentsIn(recorded('sync/first-page-empty-cache.response.xml')).map((xml) =>
      readCore(xml, 'a recording'),
    );
    const count = (type: string) => all.filter((core) => core.updateType === type).length;
    assert.deepEqual([all.length, count('Category'), count('Detectoid')], [30, 7, 23]);
    const critical = all.find(({ updateId }) => updateId === 'e6cf1350-c01b-414d-a61f-263d14d133b4');
    assert.deepEqual(critical, {
      updateId: 'e6cf1350-c01b-414d-a61f-263d14d133b4',
      revision: 100,
      updateType: 'Category',
      prerequisites: [],
      supersedes: [],
      bundled: [],
      drivers: [],
      rules: { isInstalled: { kind: 'True' }, isSuperseded: null, isInstallable: null },
    });
    const x86 = all.find(({ updateId }) => updateId === '3e0afb10-a9fb-4c16-a60e-5790c3803437');
    assert.deepEqual(x86?.rules.isInstalled, { kind: 'Processor', architecture: 0 });
  });

  test('plain prerequisites must all hold; of a list one must', () => {
    const core = readCore(recorded('fragments/delta-7366a74a-r200.core.xml'), 'a recording');
    assert.deepEqual(core.prerequisites, [
      ['be4048db-157c-4532-9582-7f05099590c9'],
      ['59653007-e2e9-4f71-8525-2ff588527978'],
      ['0aac58ee-82a0-4452-a7fa-19f68398f1fa'],
      ['8c3fcc84-7410-4a95-8b89-a166a0190486'],
    ]);
    assert.ok(core.rules.isInstalled?.kind === 'And');
    assert.deepEqual(core.rules.isInstalled.rules[0], {
      kind: 'Not',
      rule: {
        kind: 'RegDword',
        key: 'HKEY_LOCAL_MACHINE',
        subkey: 'SOFTWARE\\Microsoft\\Windows Defender\\Signature Updates',
        regType32: false,
        value: 'SignatureType',
        comparison: 'EqualTo',
        data: 1,
      },
    });
    assert.match(JSON.stringify(core.rules.isInstallable), /"Unrecognised","name":"LicenseDword"/);
  });

  test('a bundle has no rules; what it supersedes', () => {
    const bundle = readCore(recorded('fragments/bundle-ccb78947-r200.core.xml'), 'a recording');
    assert.equal(bundle.prerequisites.length, 2);
    assert.deepEqual(bundle.rules, { isInstalled: null, isSuperseded: null, isInstallable: null });
    const approved = readCore(
      recorded('fragments/approved-bundle-a2fef9b0-r200.core.trimmed.xml'),
      'a recording',
    );
    assert.ok(approved.supersedes.length > 0);
  });

  test('files and commands of 18 updates, and of a locally published MSI', () => {
    const all = fragmentsIn(recorded('extended/bundle-and-children.response.xml'))
      .filter((xml) => xml.startsWith('<ExtendedProperties'))
      .map((xml) => readExtended(xml, 'a recording'));
    assert.equal(all.length, 18);
    const leaves = all.filter(({ files }) => files.length > 0);
    assert.equal(leaves.length, 9);
    for (const { handler, files } of leaves) {
      assert.equal(handler?.kind, 'CommandLineInstallerData');
      assert.ok(files[0]?.sha256 !== null && Buffer.from(files[0]?.sha256 ?? '', 'base64').length === 32);
    }
    assert.deepEqual(readExtended(recorded('local/msi-81552fa4.extended.xml'), 'a recording'), {
      files: [
        {
          fileName: 'bc856cf9-c69e-40bd-acbb-e46cedbdd580_1.cab',
          sizeBytes: 11551,
          sha1: 'br8eaMSqh4RzvhmfbQA546QF5ZM=',
          sha256: 'XSVHYC1Z1ZjQVWyXCXjKcIT6EHtgckWLBFV9KIrHH9k=',
        },
      ],
      handler: {
        kind: 'MsiInstallerData',
        msiFile: 'wsusmsi100.msi',
        productCode: '{a1b2c3d4-0001-4000-8000-000000000100}',
        commandLine: null,
        uninstallCommandLine: null,
      },
    });
  });
});

const SERVER: ServerProperties = {
  revision: 7,
  publisherId: '395392a0-19c0-48b7-a927-f7c15066d905',
  productCategoryIds: ['BBBBBBBB-0000-4000-8000-000000000002'],
  metadataOnly: false,
  minDownloadSizeBytes: null,
  maxDownloadSizeBytes: null,
  compatibleProtocolVersion: null,
  items: new Map(),
  bundledUpdates: [],
  bundleLanguages: [],
};

/** Descriptions of return codes are no business of a client, the name of a patch's file is not translated. */
function toldHandler(handler: InstallHandler | null): InstallHandler | null {
  if (handler?.kind === 'CommandLineInstallerData') {
    const returnCodes = handler.returnCodes.map(({ code, result, reboot }) => ({ code, result, reboot }));
    return { ...handler, returnCodes };
  }
  return handler?.kind === 'MspInstallerData' ? { ...handler, mspFileName: null } : handler;
}

test('packages arrive as they were meant: rules, relations, commands', { skip: absent }, () => {
  let arrived = 0;
  for (const { name, bytes } of sdpSamples()) {
    const root = parseXml(bytes);
    const pkg = readPackage(root, name);
    const [item, ...others] = pkg.installableItems;
    if (item === undefined || others.length > 0) continue;
    const update = serverUpdate(root, SERVER);
    const core = readCore(coreFragment(update), name);
    assert.equal(core.updateId, pkg.properties.packageId);
    assert.equal(core.revision, 7);
    assert.equal(core.updateType, pkg.properties.updateType);
    assert.deepEqual(core.supersedes, pkg.supersededPackages);
    assert.deepEqual(core.prerequisites[0], ['bbbbbbbb-0000-4000-8000-000000000002']);
    assert.deepEqual(core.prerequisites.slice(2), pkg.prerequisites);
    assert.deepEqual(core.rules, mergeRules(pkg, item.applicabilityRules), name);
    assert.deepEqual(readExtended(extendedFragment(update), name).handler, toldHandler(item.handler), name);
    arrived += 1;
  }
  assert.equal(arrived, 47);
});

const IDENTITY = '<UpdateIdentity UpdateID="56309036-4C77-4DD9-951A-99EE9C246A94" RevisionNumber="1" />';
const PROPERTIES = '<Properties UpdateType="Software" />';

describe('what is no fragment is refused', () => {
  const cores: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['no identity', PROPERTIES],
    ['no properties', IDENTITY],
    ['two identities', IDENTITY + IDENTITY + PROPERTIES],
    ['an id that is none', IDENTITY.replace('-4C77', '') + PROPERTIES],
    ['a revision that is none', IDENTITY.replace('"1"', '"1e3"') + PROPERTIES],
    [
      'another kind of clause',
      `${IDENTITY}${PROPERTIES}<Relationships><Prerequisites><Maybe /></Prerequisites></Relationships>`,
    ],
  ];
  for (const [name, xml] of cores) {
    test(`Core: ${name}`, () => {
      assert.throws(() => readCore(xml, 'https://cmg.lab'), {
        code: 'protocol.violation',
        where: 'https://cmg.lab',
      });
    });
  }

  const extended = (rest: string) => `<ExtendedProperties />${rest}`;
  const file = 'Digest="br8eaMSqh4RzvhmfbQA546QF5ZM=" FileName="a.cab" Size="1"';
  const others: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['a short digest', extended(`<Files><File ${file.replace('br8eaMSq', '')} /></Files>`)],
    ['another digest', extended(`<Files><File ${file} DigestAlgorithm="MD5" /></Files>`)],
    ['a size below nothing', extended(`<Files><File ${file.replace('"1"', '"-1"')} /></Files>`)],
    ['no command', extended('<HandlerSpecificData type="cmd:CommandLineInstallation" />')],
    [
      'no program',
      extended(
        '<HandlerSpecificData type="cmd:CommandLineInstallation"><InstallCommand /></HandlerSpecificData>',
      ),
    ],
    [
      'a result that is none',
      extended(
        '<HandlerSpecificData type="cmd:CommandLineInstallation"><InstallCommand Program="a" DefaultResult="Maybe" /></HandlerSpecificData>',
      ),
    ],
  ];
  for (const [name, xml] of others) {
    test(`Extended: ${name}`, () => {
      assert.throws(() => readExtended(xml, 'https://cmg.lab'), { code: 'protocol.violation' });
    });
  }

  test('what is no XML, or expands', () => {
    for (const xml of ['<a', `<!DOCTYPE a>${IDENTITY}`, `${IDENTITY}${PROPERTIES}text`]) {
      assert.throws(() => readCore(xml, 'https://cmg.lab'), { code: 'payload.invalid' });
    }
  });

  test('a handler of another kind is known by its name', () => {
    const told = readExtended('<ExtendedProperties /><HandlerSpecificData type="cbs:Cbs" />', 'x');
    assert.deepEqual(told, { files: [], handler: { kind: 'Unrecognised', name: 'cbs:Cbs' } });
    assert.equal(readExtended('<ExtendedProperties />', 'x').handler, null);
  });
});
