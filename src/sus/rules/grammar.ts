import type { Rule } from '../../core/applicability.js';
import type { XmlName } from '../../text/xml/index.js';
import { BAR, LAR, MSIAR } from '../namespaces.js';
import { type Check, length, oneOf, TYPES } from './checks.js';

/** How a rule's member is told from its attribute's text. */
type MemberType = 'text' | 'number' | 'boolean';

export interface AttributeGrammar {
  readonly name: string;
  readonly member: string;
  readonly type: MemberType;
  readonly check: Check;
  readonly required: boolean;
  /** What the member is where the attribute is missing; undefined: the member is left out. */
  readonly missing?: null | false;
}

export interface RuleGrammar {
  readonly name: XmlName;
  readonly attributes: readonly AttributeGrammar[];
  /** Rules inside (`many` in `rules`, `one` in `rule`), or named text elements, or nothing. */
  readonly content: 'none' | 'one' | 'many' | readonly ContentGrammar[];
}

export interface ContentGrammar {
  readonly element: string;
  readonly member: string;
  readonly check: Check;
}

const given = (
  name: string,
  check: Check,
  type: MemberType = 'text',
  member = camel(name),
): AttributeGrammar => ({
  name,
  member,
  type,
  check,
  required: true,
});
const maybe = (
  name: string,
  check: Check,
  type: MemberType = 'text',
  missing?: null | false,
): AttributeGrammar => ({
  ...given(name, check, type),
  required: false,
  ...(missing === undefined ? {} : { missing }),
});

function camel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

const KEY = [
  given('Key', oneOf('HKEY_LOCAL_MACHINE', 'HKEY_LOOP_TARGET')),
  given('Subkey', length(1, 255)),
  maybe('RegType32', TYPES.bool, 'boolean', false),
];
const VALUE = [...KEY, given('Value', length(0, 16_383))];
const SCALAR = given('Comparison', TYPES.scalar);
const TEXT = given('Comparison', TYPES.text);
const PATH = given('Path', length(1, 260));
const CSIDL = maybe('Csidl', TYPES.int, 'number');
const FILE = [
  PATH,
  maybe('Version', TYPES.version4),
  maybe('Created', TYPES.date),
  maybe('Modified', TYPES.date),
  maybe('Size', TYPES.long, 'number'),
  maybe('Language', TYPES.ushort, 'number'),
];
const MSI_RANGE = [
  maybe('VersionMin', TYPES.msiVersion),
  maybe('ExcludeVersionMin', TYPES.bool, 'boolean'),
  maybe('VersionMax', TYPES.msiVersion),
  maybe('ExcludeVersionMax', TYPES.bool, 'boolean'),
  maybe('Language', TYPES.int, 'number'),
];

const leaf = (name: XmlName, ...attributes: readonly AttributeGrammar[]): RuleGrammar => ({
  name,
  attributes,
  content: 'none',
});

const fileCheck = (...value: readonly AttributeGrammar[]) =>
  [leaf(BAR, CSIDL, PATH, SCALAR, ...value), leaf(BAR, ...VALUE, PATH, SCALAR, ...value)] as const;
const [fileVersion, fileVersionPrepend] = fileCheck(given('Version', TYPES.version4));
const [fileCreated, fileCreatedPrepend] = fileCheck(given('Created', TYPES.date));
const [fileModified, fileModifiedPrepend] = fileCheck(given('Modified', TYPES.date));
const [fileSize, fileSizePrepend] = fileCheck(given('Size', TYPES.long, 'number'));

/** Every rule of BaseApplicabilityRules, LogicalApplicabilityRules and MsiApplicabilityRules.xsd; attributes in written order. */
export const GRAMMAR: Readonly<Record<Exclude<Rule['kind'], 'Unrecognised'>, RuleGrammar>> = {
  True: leaf(LAR),
  False: leaf(LAR),
  And: { name: LAR, attributes: [], content: 'many' },
  Or: { name: LAR, attributes: [], content: 'many' },
  Not: { name: LAR, attributes: [], content: 'one' },
  WindowsVersion: leaf(
    BAR,
    maybe('Comparison', TYPES.scalar, 'text', null),
    maybe('MajorVersion', TYPES.uint, 'number'),
    maybe('MinorVersion', TYPES.uint, 'number'),
    maybe('BuildNumber', TYPES.uint, 'number'),
    maybe('ServicePackMajor', TYPES.ushort, 'number'),
    maybe('ServicePackMinor', TYPES.ushort, 'number'),
    maybe('AllSuitesMustBePresent', TYPES.bool, 'boolean'),
    maybe('SuiteMask', TYPES.ushort, 'number'),
    maybe('ProductType', TYPES.ushort, 'number'),
  ),
  WindowsLanguage: leaf(BAR, given('Language', TYPES.language)),
  MuiInstalled: leaf(BAR),
  MuiLanguageInstalled: leaf(BAR, given('Language', TYPES.language)),
  SystemMetric: leaf(BAR, SCALAR, given('Index', TYPES.int, 'number'), given('Value', TYPES.int, 'number')),
  Processor: leaf(
    BAR,
    given('Architecture', TYPES.ushort, 'number'),
    maybe('Level', TYPES.ushort, 'number'),
    maybe('Revision', TYPES.ushort, 'number'),
  ),
  NumberOfProcessors: leaf(BAR, SCALAR, given('Number', TYPES.uint, 'number')),
  ClusteredOS: leaf(BAR),
  ClusterResourceOwner: leaf(BAR, ...VALUE, maybe('Prefix', TYPES.any), maybe('Suffix', TYPES.any)),
  FileExists: leaf(BAR, CSIDL, ...FILE),
  FileExistsPrependRegSz: leaf(BAR, ...VALUE, ...FILE),
  FileVersion: fileVersion,
  FileVersionPrependRegSz: fileVersionPrepend,
  FileCreated: fileCreated,
  FileCreatedPrependRegSz: fileCreatedPrepend,
  FileModified: fileModified,
  FileModifiedPrependRegSz: fileModifiedPrepend,
  FileSize: fileSize,
  FileSizePrependRegSz: fileSizePrepend,
  RegKeyExists: leaf(BAR, ...KEY),
  RegValueExists: leaf(
    BAR,
    ...KEY,
    maybe('Value', length(0, 16_383), 'text', null),
    maybe(
      'Type',
      oneOf(
        'REG_BINARY',
        'REG_DWORD',
        'REG_EXPAND_SZ',
        'REG_MULTI_SZ',
        'REG_QWORD',
        'REG_SZ',
        'REG_FULL_RESOURCE_DESCRIPTOR',
      ),
      'text',
      null,
    ),
  ),
  RegDword: leaf(BAR, ...VALUE, SCALAR, given('Data', TYPES.uint, 'number')),
  RegExpandSz: leaf(BAR, ...VALUE, TEXT, given('Data', length(1, 16_383))),
  RegSz: leaf(BAR, ...VALUE, TEXT, given('Data', length(1, 16_383))),
  RegSzToVersion: leaf(BAR, ...VALUE, SCALAR, given('Data', TYPES.version4)),
  RegKeyLoop: {
    name: BAR,
    attributes: [...KEY, given('TrueIf', oneOf('Any', 'All', 'None'))],
    content: 'one',
  },
  WmiQuery: leaf(
    BAR,
    maybe('Namespace', length(1, 1_000_000), 'text', null),
    given('WqlQuery', length(1, 1_000_000)),
  ),
  InstalledOnce: leaf(BAR),
  GenericQuery: leaf(
    BAR,
    given('Namespace', TYPES.any),
    given('Type', TYPES.any),
    given('Parameter', TYPES.any),
    maybe('Comparison', TYPES.scalar, 'text', null),
    maybe('Value', TYPES.any, 'text', null),
  ),
  MsiProductInstalled: leaf(MSIAR, given('ProductCode', TYPES.bracedGuid), ...MSI_RANGE),
  MsiPatchInstalledForProduct: leaf(
    MSIAR,
    given('PatchCode', TYPES.bracedGuid),
    given('ProductCode', TYPES.bracedGuid),
    ...MSI_RANGE,
  ),
  MsiFeatureInstalledForProduct: {
    name: MSIAR,
    attributes: [
      maybe('AllFeaturesRequired', TYPES.bool, 'boolean', false),
      maybe('AllProductsRequired', TYPES.bool, 'boolean', false),
    ],
    content: [
      { element: 'Feature', member: 'features', check: length(1, 255) },
      { element: 'Product', member: 'products', check: TYPES.bracedGuid },
    ],
  },
  MsiComponentInstalledForProduct: {
    name: MSIAR,
    attributes: [
      maybe('AllComponentsRequired', TYPES.bool, 'boolean', false),
      maybe('AllProductsRequired', TYPES.bool, 'boolean', false),
    ],
    content: [
      { element: 'Component', member: 'components', check: length(1, 255) },
      { element: 'Product', member: 'products', check: TYPES.bracedGuid },
    ],
  },
  MsiPatchInstalled: leaf(MSIAR),
  MsiPatchSuperseded: leaf(MSIAR),
  MsiPatchInstallable: leaf(MSIAR),
  MsiApplicationInstalled: leaf(MSIAR),
  MsiApplicationSuperseded: leaf(MSIAR),
  MsiApplicationInstallable: leaf(MSIAR),
};

/** The grammar of a rule by its element's local name, or null for a name that no schema has. */
export function grammarOf(kind: string): RuleGrammar | null {
  const rules: Readonly<Record<string, RuleGrammar>> = GRAMMAR;
  return Object.hasOwn(rules, kind) ? (rules[kind] ?? null) : null;
}
