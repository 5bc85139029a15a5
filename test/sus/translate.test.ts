import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { mergeRules } from '../../src/core/evaluate.js';
import { coreFragment, extendedFragment, localizedFragments } from '../../src/sus/fragments/index.js';
import { readApplicabilityRules } from '../../src/sus/rules/index.js';
import { readSdp } from '../../src/sus/sdp/index.js';
import {
  categoryUpdate,
  mergePackageRules,
  readUsp,
  type ServerProperties,
  serverUpdate,
  translatePackage,
} from '../../src/sus/translate/index.js';
import { childElements, childOf, parseXml, withoutLayout } from '../../src/text/xml/index.js';
import { absent, ordered, SAMPLES, sdpSamples } from './samples.js';

interface Translated {
  readonly name: string;
  readonly usp: Buffer;
  file(extension: string): string | null;
}

function translations(): readonly Translated[] {
  return ['dell-2019', 'hp-2019', 'lenovo-2020', 'synthetic'].flatMap((vendor) => {
    const folder = `${SAMPLES}/sus/${vendor}`;
    const names = new Set(readdirSync(folder));
    return [...names]
      .filter((file) => file.endsWith('.usp.xml'))
      .map((file) => file.slice(0, -'.usp.xml'.length))
      .map((name) => ({
        name: `${vendor}/${name}`,
        usp: readFileSync(`${folder}/${name}.usp.xml`),
        file: (extension: string) =>
          names.has(`${name}.${extension}`) ? readFileSync(`${folder}/${name}.${extension}`, 'utf8') : null,
      }));
  });
}

const translate = ({ name, usp }: Translated) => {
  const read = readUsp(usp, name);
  return translatePackage(read.package, read.server);
};

describe("the product's own translations", { skip: absent }, () => {
  test('50 updates: equal names, attributes in order, content', () => {
    const all = translations();
    assert.equal(all.length, 50);
    for (const one of all) {
      const expected = parseXml(one.file('update.xml') ?? '');
      assert.deepEqual(ordered(withoutLayout(translate(one))), ordered(withoutLayout(expected)), one.name);
    }
  });

  test('47 Extended and 51 LocalizedProperties fragments, byte for byte', () => {
    let extended = 0;
    let localized = 0;
    for (const one of translations()) {
      const update = translate(one);
      const expected = one.file('extended.xml');
      if (expected !== null) {
        assert.equal(extendedFragment(update), expected, one.name);
        extended += 1;
      }
      for (const { language, xml } of localizedFragments(update)) {
        const text = one.file(`localized-${language}.xml`);
        if (text === null) continue;
        assert.equal(xml, text, one.name);
        localized += 1;
      }
    }
    assert.deepEqual([extended, localized], [47, 51]);
  });

  test('rules merged as XML mean what they mean merged as rules', () => {
    let merged = 0;
    for (const { name, bytes } of sdpSamples()) {
      const pkg = readSdp(bytes, name);
      const [item, ...others] = pkg.installableItems;
      if (item === undefined || others.length > 0) continue;
      const [after] = childElements(mergePackageRules(parseXml(bytes)), 'InstallableItem');
      assert.ok(after);
      const rules = readApplicabilityRules(childOf(after, 'ApplicabilityRules'));
      assert.deepEqual(rules, mergeRules(pkg, item.applicabilityRules), name);
      merged += 1;
    }
    assert.equal(merged, 47);
  });
});

describe('recorded traffic of a real server', { skip: absent }, () => {
  const folder = `${SAMPLES}/wusp`;
  const text = (name: string) => readFileSync(`${folder}/${name}`, 'utf8');
  const updates = absent === false ? readdirSync(`${folder}/fragments`) : [];
  for (const file of updates.filter((name) => name.endsWith('.update.xml'))) {
    test(`${file}: its three fragments, byte for byte`, () => {
      const name = file.slice(0, -'.update.xml'.length);
      const update = parseXml(text(`fragments/${file}`));
      assert.equal(coreFragment(update), text(`fragments/${name}.core.xml`));
      assert.equal(extendedFragment(update), text(`fragments/${name}.extended.xml`));
      const english = localizedFragments(update).find(({ language }) => language === 'en');
      assert.equal(english?.xml, text(`fragments/${name}.localized-en.xml`));
    });
  }

  test('a locally published MSI: Extended byte for byte, and the rules of its Core', () => {
    const update = serverUpdate(parseXml(LOCAL_MSI), LOCAL_SERVER);
    assert.equal(extendedFragment(update), text('local/msi-81552fa4.extended.xml'));
    const rules = text('local/msi.applicabilityrules.template.xml').replace('{GUID}', CODE);
    assert.ok(coreFragment(update).endsWith(rules), coreFragment(update));
  });

  test('a company and a product below it have the shape of real categories', () => {
    const company = parseXml(text('fragments/category-company-56309036-r101.update.xml'));
    const made = categoryUpdate({
      updateId: '56309036-4C77-4DD9-951A-99EE9C246A94',
      revision: 101,
      type: 'Company',
      title: 'Microsoft',
      parentId: null,
      creationDate: '2005-09-22T00:05:11.471Z',
      publisherId: '42f20e12-2856-447d-a8b2-68f06c2e9b45',
    });
    assert.equal(coreFragment(made), coreFragment(company));
    assert.equal(extendedFragment(made), extendedFragment(company));
    const shape = (from: typeof made) =>
      childElements(from)
        .filter(({ localName }) => localName !== 'LocalizedPropertiesCollection')
        .map(ordered);
    assert.deepEqual(shape(made), shape(company));
  });
});

const PUBLISHING = 'http://schemas.microsoft.com/wsus/2005/04/CorporatePublishing';
const CODE = '{a1b2c3d4-0001-4000-8000-000000000100}';
const PACKAGE_ID = '81552fa4-e38e-4a9c-83d5-1cc6e99252b6';
const ITEM_ID = 'bc856cf9-c69e-40bd-acbb-e46cedbdd580';
const BEHAVIOR =
  'CanRequestUserInput="false" RequiresNetworkConnectivity="false" Impact="Normal" RebootBehavior="CanRequestReboot"';
const LOCAL_MSI = `<sdp:SoftwareDistributionPackage SchemaVersion="1.0" xmlns:sdp="${PUBLISHING}/SoftwareDistributionPackage.xsd">
  <sdp:Properties PackageID="${PACKAGE_ID}" CreationDate="2026-10-05T11:00:00Z" CanSourceBeRequired="false"><sdp:ProductName>P</sdp:ProductName></sdp:Properties>
  <sdp:LocalizedProperties><sdp:Language>en</sdp:Language><sdp:Title>T</sdp:Title><sdp:Description>D</sdp:Description></sdp:LocalizedProperties>
  <sdp:UpdateSpecificData UpdateClassification="Updates" />
  <sdp:InstallableItem ID="${ITEM_ID}">
    <sdp:ApplicabilityRules xmlns:m="${PUBLISHING}/MsiApplicabilityRules.xsd">
      <sdp:IsInstalled><m:MsiApplicationInstalled /></sdp:IsInstalled>
      <sdp:IsSuperseded><m:MsiApplicationSuperseded /></sdp:IsSuperseded>
      <sdp:IsInstallable><m:MsiApplicationInstallable /></sdp:IsInstallable>
      <sdp:Metadata><m:MsiApplicationMetadata><m:ProductCode>${CODE}</m:ProductCode></m:MsiApplicationMetadata></sdp:Metadata>
    </sdp:ApplicabilityRules>
    <sdp:InstallProperties ${BEHAVIOR} />
    <sdp:UninstallProperties ${BEHAVIOR} />
    <msi:MsiInstallerData ProductCode="${CODE}" MsiFile="wsusmsi100.msi" xmlns:msi="${PUBLISHING}/Installers/MsiInstallation.xsd" />
  </sdp:InstallableItem>
</sdp:SoftwareDistributionPackage>`;
const LOCAL_SERVER: ServerProperties = {
  revision: 1,
  publisherId: '395392a0-19c0-48b7-a927-f7c15066d905',
  productCategoryIds: [],
  metadataOnly: false,
  minDownloadSizeBytes: 11551,
  maxDownloadSizeBytes: 11551,
  compatibleProtocolVersion: null,
  items: new Map([
    [
      ITEM_ID,
      {
        installPointDirectory: `${PACKAGE_ID}\\${ITEM_ID}`,
        files: [
          {
            digest: 'br8eaMSqh4RzvhmfbQA546QF5ZM=',
            fileName: `${ITEM_ID}_1.cab`,
            sizeBytes: 11551,
            modified: '2026-10-05T11:00:55.642Z',
            originUri: null,
            sha256: 'XSVHYC1Z1ZjQVWyXCXjKcIT6EHtgckWLBFV9KIrHH9k=',
          },
        ],
      },
    ],
  ]),
  bundledUpdates: [],
  bundleLanguages: [],
};

describe('what a server makes of a package', () => {
  const pkg = (change: (text: string) => string = (text) => text) => parseXml(change(LOCAL_MSI));

  test('nothing of the publishing namespaces is left in what it keeps', () => {
    const namespaces = new Set<string>();
    const walk = (from: ReturnType<typeof pkg>): void => {
      namespaces.add(from.namespace);
      for (const child of childElements(from)) walk(child);
    };
    walk(serverUpdate(pkg(), LOCAL_SERVER));
    assert.deepEqual(
      [...namespaces].filter((namespace) => namespace.includes('CorporatePublishing')),
      [],
    );
  });

  test('metadata only: no InstallationBehavior, no files; the handler stays', () => {
    const server = { ...LOCAL_SERVER, metadataOnly: true, items: new Map() };
    const extended = extendedFragment(serverUpdate(pkg(), server));
    assert.doesNotMatch(extended, /<InstallationBehavior|<Files|RepairPath/);
    assert.match(extended, /<MsiData /);
  });

  test('without a product category it is filed under locally published packages', () => {
    const core = coreFragment(serverUpdate(pkg(), LOCAL_SERVER));
    assert.match(core, /<AtLeastOne IsCategory="true"><UpdateIdentity UpdateID="5CC25303-143F-40f3-/);
  });

  test('Hotfixes, and a value with a blank, give a clause that nothing satisfies', () => {
    for (const value of ['Hotfixes', 'Updates ', 'constructor']) {
      const core = coreFragment(
        serverUpdate(
          pkg((text) => text.replace('"Updates"', `"${value}"`)),
          LOCAL_SERVER,
        ),
      );
      assert.match(core, /<AtLeastOne IsCategory="true" \/>/, value);
    }
  });

  test('what is for clients of the servicing API only needs its detectoid', () => {
    const restricted = (value: string) =>
      coreFragment(
        serverUpdate(
          pkg((text) => text.replace('CanSource', `RestrictToClientServicingApi="${value}" CanSource`)),
          LOCAL_SERVER,
        ),
      );
    assert.match(restricted('true'), /<AtLeastOne><UpdateIdentity UpdateID="B7A590E9-DB06-43f6-/);
    assert.doesNotMatch(restricted('1'), /B7A590E9/);
  });

  test('several items are not one update', () => {
    const twice = pkg((text) =>
      text.replace('</sdp:SoftwareDist', '<sdp:InstallableItem ID="x"/></sdp:SoftwareDist'),
    );
    assert.throws(() => serverUpdate(twice, LOCAL_SERVER), { code: 'package.invalid', found: '2 items' });
  });
});
