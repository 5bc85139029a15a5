import { CMD, DRV, MSI, MSIAR, MSP, MSPBLOB, SDP } from '../namespaces.js';
import { type Check, length } from '../rules/checks.js';
import { GRAMMAR, type RuleGrammar } from '../rules/grammar.js';
import { type ElementType, type Group, particlesOf, sequence, text } from './elements.js';
import { PACKAGE_DATA } from './package.js';
import { whole, XSD } from './types.js';

const key = (namespace: string, name: string) => `${namespace} ${name}`;
const GUID = text(XSD.bracedGuid);

/** The schema gives these no type, so they may hold anything. */
const UNTYPED = /^(?:InstalledOnce|Msi(?:Patch|Application)(?:Installed|Superseded|Installable))$/;
/** Of these attributes of rules the white space does not count. */
const TOKENS = /^(?:Comparison|Key|Type|TrueIf|Language)$/;

function ruleType(kind: string, { name, attributes, content }: RuleGrammar): ElementType {
  if (UNTYPED.test(kind)) return 'anything';
  const checks = attributes.map((one) => [one.required ? one.name : `${one.name}?`, lexical(one)] as const);
  const { one, some } = particlesOf(SDP.namespace);
  const inside =
    content === 'none'
      ? []
      : typeof content === 'string'
        ? [(content === 'one' ? one : some)('ApplicabilityRuleElement', 'rule')]
        : content.map(({ element, check }) => particlesOf(name.namespace).some(element, text(check)));
  return sequence(inside, Object.fromEntries(checks));
}

/** The rule language's own checks are as narrow as what we write; the schema takes every spelling of a value. */
function lexical({ name, type, check }: RuleGrammar['attributes'][number]): Check {
  if (type === 'boolean') return XSD.bool;
  if (/^(?:Created|Modified)$/.test(name)) return XSD.dateTime;
  if (type === 'number') return whole(check);
  return TOKENS.test(name) ? (value) => check(value.trim()) : check;
}

const RULES: readonly (readonly [string, ElementType])[] = [
  ...Object.entries(GRAMMAR).map(
    ([kind, grammar]) => [key(grammar.name.namespace, kind), ruleType(kind, grammar)] as const,
  ),
  ...['Installed', 'Superseded', 'Installable'].map(
    (state) => [key(DRV.namespace, `WindowsDriver${state}`), sequence([])] as const,
  ),
];

const cmd = particlesOf(CMD.namespace);
const COMMAND_LINE = sequence(
  [
    cmd.many(
      'ReturnCode',
      sequence(
        [
          cmd.many(
            'LocalizedDescription',
            sequence([
              cmd.some('Language', text(XSD.language)),
              cmd.one('Description', text(XSD.description)),
            ]),
          ),
        ],
        { Code: XSD.int, Result: XSD.result, 'Reboot?': XSD.bool },
      ),
    ),
    cmd.many(
      'WindowsInstallerRepairPath',
      sequence([], {
        TargetId: XSD.bracedGuid,
        'TargetType?': XSD.token('MsiProduct', 'MsiPatch'),
        RelativePathToExe: XSD.any,
      }),
    ),
  ],
  {
    Program: XSD.filePath,
    'Arguments?': XSD.any,
    'DefaultResult?': XSD.result,
    'RebootByDefault?': XSD.bool,
  },
);
const LINES = { 'CommandLine?': XSD.commandLine, 'UninstallCommandLine?': XSD.commandLine };
const HANDLERS: readonly (readonly [string, ElementType])[] = [
  [key(CMD.namespace, 'CommandLineInstallerData'), COMMAND_LINE],
  [
    key(MSI.namespace, 'MsiInstallerData'),
    sequence([], { ...LINES, MsiFile: XSD.filePath, ProductCode: XSD.bracedGuid }),
  ],
  [
    key(MSP.namespace, 'MspInstallerData'),
    sequence([particlesOf(MSP.namespace).maybe('MspFileName', text(XSD.fileName))], {
      ...LINES,
      'PatchCode?': XSD.bracedGuid,
      'FullFilePatchCode?': XSD.bracedGuid,
    }),
  ],
];

const blob = particlesOf(MSPBLOB.namespace);
const VALIDATED = { 'Validate?': XSD.bool };
const COMPARED = {
  ...VALIDATED,
  'ComparisonType?': exactly(
    'LessThan',
    'LessThanOrEqual',
    'Equal',
    'GreaterThanOrEqual',
    'GreaterThan',
    'None',
  ),
  'ComparisonFilter?': exactly('Major', 'MajorMinor', 'MajorMinorUpdate', 'None'),
};
/** patch_applicability.xsd: what Windows Installer itself says of a patch. */
const MSI_PATCH = sequence(
  [
    blob.some(
      'TargetProduct',
      sequence(
        [
          blob.one('TargetProductCode', text(XSD.bracedGuid, VALIDATED)),
          blob.maybe('UpdatedProductCode', GUID),
          blob.one('TargetVersion', text(XSD.msiVersion, COMPARED)),
          blob.maybe('UpdatedVersion', text(XSD.msiVersion)),
          blob.one('TargetLanguage', text(XSD.int, VALIDATED)),
          blob.one('UpdatedLanguages', text(XSD.integers)),
          blob.one('UpgradeCode', text(XSD.bracedGuid, VALIDATED)),
        ],
        { 'MinMsiVersion?': XSD.int },
      ),
    ),
    blob.some('TargetProductCode', GUID),
    blob.many('ObsoletedPatch', GUID),
    blob.many(
      'SequenceData',
      sequence([
        blob.one('PatchFamily', text(XSD.any)),
        blob.maybe('ProductCode', GUID),
        blob.one('Sequence', text(XSD.msiVersion)),
        blob.maybe('Attributes', text(XSD.int)),
      ]),
    ),
  ],
  {
    'SchemaVersion?': XSD.msiVersion,
    'PatchGUID?': XSD.bracedGuid,
    'MinMsiVersion?': XSD.int,
    'TargetsRTM?': XSD.bool,
  },
);

function exactly(...values: readonly string[]): Check {
  return (value) => (values.includes(value) ? null : values.join(' | '));
}

const msiar = particlesOf(MSIAR.namespace);
const DRIVER = sequence([particlesOf(DRV.namespace).many('CompatibleProvider', text(length(0, 256)))], {
  HardwareID: length(0, 200),
  DriverVerDate: XSD.date,
  DriverVerVersion: XSD.version4,
  WhqlDriverID: XSD.uint,
  Class: XSD.token(
    ...['Video', 'Sound', 'Printers', 'Modems', 'Cameras', 'Scanners', 'Monitors', 'Networking'],
    ...['Input Devices', 'Storage', 'Personal Computers', 'Servers and Cluster Solutions', 'Other Hardware'],
  ),
  Company: length(0, 256),
  Provider: length(0, 256),
  Manufacturer: length(0, 256),
  Model: length(0, 256),
});
const METADATA: readonly (readonly [string, ElementType])[] = [
  [
    key(MSIAR.namespace, 'MsiPatchMetadata'),
    sequence([blob.one('MsiPatch', MSI_PATCH), msiar.maybe('FallbackPatchCode', GUID)]),
  ],
  [key(MSIAR.namespace, 'MsiApplicationMetadata'), sequence([msiar.one('ProductCode', GUID)])],
  [key(DRV.namespace, 'WindowsDriverMetaData'), DRIVER],
];

/** The members of each substitution group, by namespace and name. */
export const GROUPS: Readonly<Record<Group, ReadonlyMap<string, ElementType>>> = {
  rule: new Map(RULES),
  handler: new Map(HANDLERS),
  metadata: new Map(METADATA),
  data: new Map(Object.entries(PACKAGE_DATA).map(([name, type]) => [key(SDP.namespace, name), type])),
};
