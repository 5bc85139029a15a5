import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { coreFragment, extendedFragment, localizedFragments } from '../../src/sus/fragments/index.js';
import { readUsp, serverUpdate } from '../../src/sus/translate/index.js';
import { parseXml } from '../../src/text/xml/index.js';
import { absent, SAMPLES } from './samples.js';

const update = (properties: string, body = '') =>
  parseXml(
    `<u:Update xmlns:u="http://schemas.microsoft.com/msus/2002/12/Update"><u:UpdateIdentity UpdateID="A" RevisionNumber="2"/><u:Properties ${properties}><u:MoreInfoUrl>x</u:MoreInfoUrl></u:Properties>${body}</u:Update>`,
  );

describe('which attributes go where', () => {
  test('Core keeps three in its own order, without children; what is the default is left out', () => {
    const given = 'AutoSelectOnWebSites="true" Handler="h" ExplicitlyDeployable="true" UpdateType="Software"';
    assert.equal(
      coreFragment(update(given)),
      '<UpdateIdentity UpdateID="A" RevisionNumber="2" /><Properties UpdateType="Software" ExplicitlyDeployable="true" AutoSelectOnWebSites="true" />',
    );
    assert.equal(
      coreFragment(update('ExplicitlyDeployable="false" UpdateType="Detectoid"')),
      '<UpdateIdentity UpdateID="A" RevisionNumber="2" /><Properties UpdateType="Detectoid" />',
    );
  });

  test("Extended drops Core's and the server's own", () => {
    const given =
      'DefaultPropertiesLanguage="en" IsPublic="true" PerUser="false" UpdateType="Software" PublicationState="Published" CreationDate="c" PublisherID="p" LegacyName="l" Handler="h&amp;&quot;"';
    assert.equal(
      extendedFragment(update(given)),
      '<ExtendedProperties DefaultPropertiesLanguage="en" Handler="h&amp;&quot;"><MoreInfoUrl>x</MoreInfoUrl></ExtendedProperties>',
    );
    assert.match(extendedFragment(update('PerUser="true"')), /PerUser="true"/);
  });

  test('empty Relationships stay, missing ones stay missing', () => {
    assert.match(coreFragment(update('', '<u:Relationships> </u:Relationships>')), /<Relationships \/>$/);
    assert.doesNotMatch(coreFragment(update('')), /Relationships/);
  });

  test('of a language that is there twice the first counts', () => {
    const texts = ['a', 'b']
      .map(
        (title) =>
          `<u:LocalizedProperties><u:Language>en</u:Language><u:Title>${title}</u:Title></u:LocalizedProperties>`,
      )
      .join('\n');
    assert.deepEqual(
      localizedFragments(
        update('', `<u:LocalizedPropertiesCollection>${texts}</u:LocalizedPropertiesCollection>`),
      ),
      [
        {
          language: 'en',
          xml: '<LocalizedProperties><Language>en</Language><Title>a</Title></LocalizedProperties>',
        },
      ],
    );
  });
});

test("a patch's metadata keeps its namespace, declared after its attributes", { skip: absent }, () => {
  const usp = readUsp(readFileSync(`${SAMPLES}/sus/synthetic/msp-patch.usp.xml`), 'a patch');
  const core = coreFragment(serverUpdate(usp.package, usp.server));
  assert.match(
    core,
    /<m\.MsiPatchMetadata><MsiPatch SchemaVersion="1\.0\.0\.0" PatchGUID="[^"]+" MinMsiVersion="3" xmlns="http:\/\/www\.microsoft\.com\/msi\/patch_applicability\.xsd"><TargetProduct /,
  );
  assert.match(core, /<And><b\.WindowsVersion [^>]+ \/><m\.MsiPatchInstallable \/><\/And>/);
});

test('driver rules carry their letter', { skip: absent }, () => {
  const usp = readUsp(readFileSync(`${SAMPLES}/sus/synthetic/driver-windowsdriver.usp.xml`), 'a driver');
  const core = coreFragment(serverUpdate(usp.package, usp.server));
  assert.match(core, /<IsInstalled><d\.WindowsDriverInstalled \/><\/IsInstalled>/);
  assert.match(core, /<Metadata><d\.WindowsDriverMetaData HardwareID="PCI\\VEN_1234&amp;DEV_5678" /);
});
