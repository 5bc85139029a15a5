import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApplicabilityMetadata, MsiRule, Rule } from '../../../src/core/applicability.js';
import { evaluateRule } from '../../../src/core/evaluate.js';
import type { MsiPatch, MsiProduct } from '../../../src/core/machine.js';
import type { MsiPatchMetadata, MsiPatchTarget } from '../../../src/core/msi-patch.js';
import { machineOf } from '../machines.js';

type Truth = boolean | 'unknown';
const CODE = '{11111111-2222-3333-4444-555555555555}';
const OTHER = '{22222222-2222-3333-4444-555555555555}';
const PATCH = '{33333333-2222-3333-4444-555555555555}';

const truthOf = (
  rule: Rule,
  products: readonly MsiProduct[],
  patches: readonly MsiPatch[] = [],
  metadata: readonly ApplicabilityMetadata[] = [],
): Truth => {
  const { value, unknown } = evaluateRule(rule, machineOf({ msi: { products, patches } }), metadata);
  return unknown ? 'unknown' : value;
};
const product = (version: string, more: Partial<MsiProduct> = {}): MsiProduct => ({
  productCode: CODE,
  version,
  ...more,
});

describe('MsiProductInstalled', () => {
  type Range = Omit<Extract<MsiRule, { kind: 'MsiProductInstalled' }>, 'kind' | 'productCode'>;
  const table: readonly [name: string, range: Range, products: readonly MsiProduct[], expected: Truth][] = [
    ['any version', {}, [product('1.2.3')], true],
    ['not installed', {}, [], false],
    ['another product', {}, [{ productCode: OTHER, version: '1.2.3' }], false],
    [
      'the code in another case and without braces',
      {},
      [{ productCode: CODE.slice(1, -1).toUpperCase(), version: '1' }],
      true,
    ],
    ['the lowest version is in the range', { versionMin: '1.2.3' }, [product('1.2.3')], true],
    ['unless it is excluded', { versionMin: '1.2.3', excludeVersionMin: true }, [product('1.2.3')], false],
    ['below it', { versionMin: '1.2.3' }, [product('1.2.2')], false],
    ['above it, by number and not by text', { versionMin: '1.9' }, [product('1.10')], true],
    ['the highest version is in the range', { versionMax: '2.0' }, [product('2.0.0')], true],
    ['unless it is excluded', { versionMax: '2.0', excludeVersionMax: true }, [product('2.0.0')], false],
    ['above it', { versionMax: '2.0' }, [product('2.0.1')], false],
    ['between both', { versionMin: '1', versionMax: '2' }, [product('1.5')], true],
    ['the language', { language: 1033 }, [product('1', { language: 1033 })], true],
    ['another language', { language: 1031 }, [product('1', { language: 1033 })], false],
    ['a language that is not stated', { language: 1031 }, [product('1')], 'unknown'],
    ['nor does it matter out of the range', { language: 1031, versionMin: '2' }, [product('1')], false],
    ['one of two is enough', { versionMin: '2' }, [product('1'), product('2')], true],
    ['a version that cannot be read', {}, [product('one')], 'unknown'],
    ['beside one that can', {}, [product('one'), product('1')], true],
    ['a limit that cannot be read has no answer', { versionMin: 'one' }, [product('1')], 'unknown'],
  ];
  for (const [name, range, products, expected] of table) {
    test(`${name}: ${expected}`, () =>
      assert.equal(
        truthOf({ kind: 'MsiProductInstalled', productCode: CODE, ...range }, products),
        expected,
      ));
  }
});

describe('MsiPatchInstalledForProduct', () => {
  const rule: Rule = {
    kind: 'MsiPatchInstalledForProduct',
    patchCode: PATCH,
    productCode: CODE,
    versionMin: '1.0',
  };
  const table: readonly [
    name: string,
    products: readonly MsiProduct[],
    patches: readonly MsiPatch[],
    expected: Truth,
  ][] = [
    ['on the product', [product('1.0')], [{ patchCode: PATCH, productCode: CODE }], true],
    ['of no stated product', [product('1.0')], [{ patchCode: PATCH }], true],
    ['on another product', [product('1.0')], [{ patchCode: PATCH, productCode: OTHER }], false],
    ['another patch', [product('1.0')], [{ patchCode: OTHER, productCode: CODE }], false],
    ['out of the range', [product('0.9')], [{ patchCode: PATCH, productCode: CODE }], false],
  ];
  for (const [name, products, patches, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(rule, products, patches), expected));
  }
});

describe('features and components', () => {
  const features = (
    names: readonly string[],
    all: boolean,
    products: readonly string[] = [CODE],
    allProducts = false,
  ): Rule => ({
    kind: 'MsiFeatureInstalledForProduct',
    features: names,
    allFeaturesRequired: all,
    products,
    allProductsRequired: allProducts,
  });
  const first = product('1', { features: ['Core', 'Docs'], components: [OTHER] });
  const second: MsiProduct = { productCode: OTHER, version: '1', features: ['Core'] };
  const table: readonly [name: string, rule: Rule, products: readonly MsiProduct[], expected: Truth][] = [
    ['one of the features', features(['Docs', 'More'], false), [first], true],
    ['all of the features', features(['Docs', 'More'], true), [first], false],
    ['whatever the case', features(['docs', 'core'], true), [first], true],
    ['of one of the products', features(['Docs'], true, [CODE, OTHER]), [first, second], true],
    ['of all products', features(['Docs'], true, [CODE, OTHER], true), [first, second], false],
    ['a product that is not installed', features(['Core'], true, [CODE, OTHER], true), [first], false],
    ['features that are not stated', features(['Core'], true), [product('1')], 'unknown'],
    [
      'beside a product that states them',
      features(['Core'], true, [CODE, OTHER]),
      [product('1'), second],
      true,
    ],
    [
      'components',
      {
        kind: 'MsiComponentInstalledForProduct',
        components: [OTHER],
        allComponentsRequired: true,
        products: [CODE],
        allProductsRequired: false,
      },
      [first],
      true,
    ],
  ];
  for (const [name, rule, products, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(truthOf(rule, products), expected));
  }
});

describe('rules about the metadata beside them', () => {
  const application: ApplicabilityMetadata = { kind: 'MsiApplicationMetadata', productCode: CODE };
  const checked = <T>(value: T) => ({ value, validate: true });
  const unchecked = <T>(value: T) => ({ value, validate: false });
  const target: MsiPatchTarget = {
    minMsiVersion: null,
    productCode: checked(CODE),
    updatedProductCode: null,
    upgradeCode: unchecked(CODE),
    language: unchecked(1041),
    updatedLanguages: [],
    version: { ...checked('1.2.0'), comparison: 'Equal', filter: 'MajorMinorUpdate' },
    updatedVersion: '1.2.5',
  };
  const patch = (change: Partial<MsiPatchTarget> = {}): MsiPatchMetadata => ({
    kind: 'MsiPatchMetadata',
    schemaVersion: null,
    patchCode: PATCH,
    minMsiVersion: null,
    targetsRtm: null,
    targets: [{ ...target, ...change }],
    targetProductCodes: [CODE],
    obsoletedPatches: [],
    sequences: [],
    fallbackPatchCode: null,
  });
  const on = (
    kind:
      | 'MsiPatchInstalled'
      | 'MsiPatchSuperseded'
      | 'MsiPatchInstallable'
      | 'MsiApplicationInstalled'
      | 'MsiApplicationSuperseded'
      | 'MsiApplicationInstallable',
  ): Rule => ({ kind });
  const has = [{ patchCode: PATCH }];
  const version = (
    comparison: MsiPatchTarget['version']['comparison'],
    text: string,
    filter: MsiPatchTarget['version']['filter'],
  ) => ({ version: { ...checked(text), comparison, filter } });
  const table: readonly [
    name: string,
    rule: Rule,
    products: readonly MsiProduct[],
    patches: readonly MsiPatch[],
    metadata: readonly ApplicabilityMetadata[],
    expected: Truth,
  ][] = [
    ['without metadata nothing is known', on('MsiApplicationInstalled'), [product('1')], [], [], 'unknown'],
    ['nor of a patch', on('MsiPatchInstalled'), [], has, [application], 'unknown'],
    ['an application', on('MsiApplicationInstalled'), [product('1')], [], [application], true],
    ['an application that is missing', on('MsiApplicationInstallable'), [], [], [application], true],
    [
      'an application that is there',
      on('MsiApplicationInstallable'),
      [product('1')],
      [],
      [application],
      false,
    ],
    [
      'an application is never seen superseded',
      on('MsiApplicationSuperseded'),
      [product('9')],
      [],
      [application],
      false,
    ],
    ['a patch', on('MsiPatchInstalled'), [], has, [patch()], true],
    [
      'a patch by its other code',
      on('MsiPatchInstalled'),
      [],
      has,
      [{ ...patch(), patchCode: OTHER, fallbackPatchCode: PATCH }],
      true,
    ],
    ['a patch for its target', on('MsiPatchInstallable'), [product('1.2.0')], [], [patch()], true],
    ['installed already', on('MsiPatchInstallable'), [product('1.2.0')], has, [patch()], false],
    ['for another version', on('MsiPatchInstallable'), [product('1.2.1')], [], [patch()], false],
    [
      'two parts count',
      on('MsiPatchInstallable'),
      [product('1.2.9')],
      [],
      [patch(version('Equal', '1.2.0', 'MajorMinor'))],
      true,
    ],
    [
      'one part counts',
      on('MsiPatchInstallable'),
      [product('1.9')],
      [],
      [patch(version('GreaterThanOrEqual', '1.10', 'Major'))],
      true,
    ],
    [
      'below',
      on('MsiPatchInstallable'),
      [product('1.2.0')],
      [],
      [patch(version('LessThan', '1.2.0', 'MajorMinorUpdate'))],
      false,
    ],
    [
      'at most',
      on('MsiPatchInstallable'),
      [product('1.2.0')],
      [],
      [patch(version('LessThanOrEqual', '1.2.0', 'MajorMinorUpdate'))],
      true,
    ],
    [
      'above',
      on('MsiPatchInstallable'),
      [product('1.2.1')],
      [],
      [patch(version('GreaterThan', '1.2.0', 'MajorMinorUpdate'))],
      true,
    ],
    [
      'a version that is not validated',
      on('MsiPatchInstallable'),
      [product('7')],
      [],
      [patch({ version: { ...target.version, validate: null } })],
      true,
    ],
    [
      'a version of which no part counts',
      on('MsiPatchInstallable'),
      [product('7')],
      [],
      [patch(version('Equal', '1.2.0', 'None'))],
      true,
    ],
    [
      'a version that is compared in no way',
      on('MsiPatchInstallable'),
      [product('7')],
      [],
      [patch(version('None', '1.2.0', 'Major'))],
      true,
    ],
    [
      'another language',
      on('MsiPatchInstallable'),
      [product('1.2.0', { language: 1031 })],
      [],
      [patch({ language: checked(1033) })],
      false,
    ],
    [
      'another upgrade code',
      on('MsiPatchInstallable'),
      [product('1.2.0', { upgradeCode: OTHER })],
      [],
      [patch({ upgradeCode: checked(PATCH) })],
      false,
    ],
    [
      'a language that is not stated',
      on('MsiPatchInstallable'),
      [product('1.2.0')],
      [],
      [patch({ language: checked(1033) })],
      'unknown',
    ],
    [
      'an upgrade code that is not stated',
      on('MsiPatchInstallable'),
      [product('1.2.0')],
      [],
      [patch({ upgradeCode: checked(PATCH) })],
      'unknown',
    ],
    ['a text that is no version', on('MsiPatchInstallable'), [product('new')], [], [patch()], 'unknown'],
    [
      'surely another version, whatever the language',
      on('MsiPatchInstallable'),
      [product('7')],
      [],
      [patch({ language: checked(1033) })],
      false,
    ],
    ['by no version', on('MsiPatchSuperseded'), [product('new')], [], [patch()], 'unknown'],
    [
      'any product',
      on('MsiPatchInstallable'),
      [{ productCode: OTHER, version: '1.2.0' }],
      [],
      [patch({ productCode: unchecked(CODE) })],
      true,
    ],
    [
      'superseded at the version it would bring',
      on('MsiPatchSuperseded'),
      [product('1.2.5')],
      [],
      [patch()],
      true,
    ],
    ['not below it', on('MsiPatchSuperseded'), [product('1.2.4')], [], [patch()], false],
    [
      'not where it brings none',
      on('MsiPatchSuperseded'),
      [product('9')],
      [],
      [patch({ updatedVersion: null })],
      false,
    ],
  ];
  for (const [name, rule, products, patches, metadata, expected] of table) {
    test(`${rule.kind}, ${name}: ${expected}`, () =>
      assert.equal(truthOf(rule, products, patches, metadata), expected));
  }
});
