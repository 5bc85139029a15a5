import type {
  FileRule,
  MsiRule,
  RegistryPlace,
  Rule,
  ScalarComparison,
  StringComparison,
} from './applicability.js';

const SCALAR: Readonly<Record<ScalarComparison, string>> = {
  LessThan: 'is below',
  LessThanOrEqualTo: 'is at most',
  EqualTo: 'is',
  GreaterThanOrEqualTo: 'is at least',
  GreaterThan: 'is above',
};

const TEXT: Readonly<Record<StringComparison, string>> = {
  EqualTo: 'is',
  BeginsWith: 'begins with',
  Contains: 'contains',
  EndsWith: 'ends with',
};

/** A plain sentence for people, without a full stop. */
export function describeRule(rule: Rule): string {
  switch (rule.kind) {
    case 'True':
      return 'always';
    case 'False':
      return 'never';
    case 'And':
      return rule.rules.map(inBrackets).join(' and ') || 'always';
    case 'Or':
      return rule.rules.map(inBrackets).join(' or ') || 'never';
    case 'Not':
      return `not ${inBrackets(rule.rule)}`;
    case 'RegKeyLoop': {
      const which = { Any: 'any', All: 'every', None: 'no' }[rule.trueIf];
      return `for ${which} key under ${placeName(rule)}: ${describeRule(rule.rule)}`;
    }
    case 'RegKeyExists':
      return `key ${placeName(rule)} exists`;
    case 'RegValueExists':
      return `${valueName(rule, rule.value)} exists${rule.type === null ? '' : ` as ${rule.type}`}`;
    case 'RegDword':
      return `number ${valueName(rule, rule.value)} ${SCALAR[rule.comparison]} ${rule.data}`;
    case 'RegSz':
    case 'RegExpandSz':
      return `text ${valueName(rule, rule.value)} ${TEXT[rule.comparison]} "${rule.data}"`;
    case 'RegSzToVersion':
      return `version ${valueName(rule, rule.value)} ${SCALAR[rule.comparison]} ${rule.data}`;
    case 'Unrecognised':
      return `${rule.name} (a rule of another kind)`;
    default:
      return describeOther(rule);
  }
}

function inBrackets(rule: Rule): string {
  const sentence = describeRule(rule);
  const many = (rule.kind === 'And' || rule.kind === 'Or') && rule.rules.length > 1;
  return many ? `(${sentence})` : sentence;
}

function placeName(place: RegistryPlace): string {
  const view = place.regType32 ? ' (32-bit view)' : '';
  if (place.key === 'HKEY_LOCAL_MACHINE') return `HKLM\\${place.subkey}${view}`;
  return `${place.subkey === '\\' ? 'the key' : `the key's ${place.subkey}`}${view}`;
}

function valueName(place: RegistryPlace, value: string | null): string {
  const name = value === null || value === '' ? 'the default value' : `"${value}"`;
  return `${name} of ${placeName(place)}`;
}

type Other = Exclude<
  Rule,
  { kind: 'True' | 'False' | 'And' | 'Or' | 'Not' | 'Unrecognised' | `Reg${string}` }
>;

function describeOther(rule: Other): string {
  switch (rule.kind) {
    case 'Processor':
      return `the processor is ${{ 0: 'x86', 9: 'x64', 12: 'ARM64' }[rule.architecture] ?? rule.architecture}`;
    case 'NumberOfProcessors':
      return `the number of processors ${SCALAR[rule.comparison]} ${rule.number}`;
    case 'WindowsVersion':
      return describeWindows(rule);
    case 'WindowsLanguage':
      return `Windows speaks ${rule.language} only`;
    case 'MuiInstalled':
      return 'Windows has a multilanguage interface';
    case 'MuiLanguageInstalled':
      return `the interface language ${rule.language} is installed`;
    case 'SystemMetric':
      return `system metric ${rule.index} ${SCALAR[rule.comparison]} ${rule.value}`;
    case 'ClusteredOS':
      return 'the machine is a cluster node';
    case 'ClusterResourceOwner':
      return `the machine owns the cluster resource of ${valueName(rule, rule.value)}`;
    case 'WmiQuery':
      return `WMI ${rule.namespace ?? 'root\\cimv2'} has rows for: ${rule.wqlQuery}`;
    case 'InstalledOnce':
      return 'this update was installed once';
    case 'GenericQuery':
      return `query ${rule.namespace}/${rule.type} of ${rule.parameter}`;
    default:
      return 'path' in rule ? describeFile(rule) : describeMsi(rule);
  }
}

/** The build is a sentence of its own, as it is compared by itself (Win32 VerifyVersionInfo). */
function describeWindows(rule: Extract<Rule, { kind: 'WindowsVersion' }>): string {
  const comparison = SCALAR[rule.comparison ?? 'EqualTo'];
  const version = [rule.majorVersion, rule.minorVersion].filter((part) => part !== undefined);
  const sentences: string[] = [];
  if (version.length > 0) sentences.push(`Windows ${comparison} ${version.join('.')}`);
  if (rule.buildNumber !== undefined)
    sentences.push(`the build of Windows ${comparison} ${rule.buildNumber}`);
  if (rule.servicePackMajor !== undefined) {
    sentences.push(`service pack ${comparison} ${rule.servicePackMajor}`);
  }
  if (rule.productType !== undefined) sentences.push(rule.productType === 1 ? 'a workstation' : 'a server');
  if (rule.suiteMask !== undefined) sentences.push(`suite mask ${rule.suiteMask}`);
  return sentences.join(', ') || 'any Windows';
}

function describeFile(rule: FileRule): string {
  const folder =
    'value' in rule
      ? `{${valueName(rule, rule.value)}}\\`
      : rule.csidl === undefined
        ? ''
        : `CSIDL ${rule.csidl}\\`;
  const file = `file ${folder}${rule.path}`;
  if (!('comparison' in rule)) return `${file} exists${describeAttributes(rule)}`;
  if ('version' in rule) return `the version of ${file} ${SCALAR[rule.comparison]} ${rule.version}`;
  if ('size' in rule) return `the size of ${file} ${SCALAR[rule.comparison]} ${rule.size} bytes`;
  const [what, time] = 'created' in rule ? ['creation', rule.created] : ['change', rule.modified];
  return `the time of ${what} of ${file} ${SCALAR[rule.comparison]} ${time}`;
}

function describeAttributes(rule: Extract<FileRule, { kind: `FileExists${string}` }>): string {
  const { version, size, created, modified, language } = rule;
  const given = Object.entries({ version, size, created, modified, language })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`);
  return given.length === 0 ? '' : ` with ${given.join(', ')}`;
}

function describeMsi(rule: MsiRule): string {
  switch (rule.kind) {
    case 'MsiProductInstalled':
      return `MSI product ${rule.productCode}${versionRange(rule)} is installed`;
    case 'MsiPatchInstalledForProduct':
      return `MSI patch ${rule.patchCode} is installed for ${rule.productCode}${versionRange(rule)}`;
    case 'MsiFeatureInstalledForProduct':
      return describeParts('feature', rule.features, rule.allFeaturesRequired, rule);
    case 'MsiComponentInstalledForProduct':
      return describeParts('component', rule.components, rule.allComponentsRequired, rule);
    default:
      return `${rule.kind} by the package's own metadata`;
  }
}

function describeParts(
  what: string,
  parts: readonly string[],
  all: boolean,
  { products, allProductsRequired }: { products: readonly string[]; allProductsRequired: boolean },
): string {
  const many = parts.length > 1;
  const names = parts.join(all ? ' and ' : ' or ');
  const of = products.join(allProductsRequired ? ' and ' : ' or ');
  return `MSI ${what}${many ? 's' : ''} ${names} of ${of} ${many ? 'are' : 'is'} installed`;
}

function versionRange(rule: Extract<MsiRule, { productCode: string }>): string {
  const { versionMin, versionMax, excludeVersionMin, excludeVersionMax, language } = rule;
  return [
    versionMin === undefined ? '' : ` ${excludeVersionMin ? 'above' : 'from'} ${versionMin}`,
    versionMax === undefined ? '' : ` ${excludeVersionMax ? 'to below' : 'to'} ${versionMax}`,
    language === undefined ? '' : ` in language ${language}`,
  ].join('');
}
