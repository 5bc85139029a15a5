import type { QueryRule, SystemRule } from '../applicability.js';
import type { Machine } from '../machine.js';
import { type Answer, holds, known, orderOf, unanswered, versionParts } from './answer.js';

/** SYSTEM_INFO.wProcessorArchitecture of the machine itself. */
const ARCHITECTURES = { x86: 0, x64: 9, arm64: 12 } as const;

export function answerSystem(rule: SystemRule, machine: Machine): Answer {
  switch (rule.kind) {
    case 'Processor': {
      const architecture = ARCHITECTURES[machine.os.architecture];
      if (architecture !== rule.architecture) return known(false, `architecture ${architecture}`);
      const more = rule.level !== undefined || rule.revision !== undefined;
      return more
        ? unanswered('level and revision are not stated')
        : known(true, `architecture ${architecture}`);
    }
    case 'NumberOfProcessors':
      if (machine.processors === undefined) return unanswered('the machine does not state it');
      return known(
        holds(rule.comparison, machine.processors - rule.number),
        `${machine.processors} processors`,
      );
    case 'WindowsVersion':
      return answerWindowsVersion(rule, machine);
    case 'MuiInstalled':
      return known(machine.os.muiLanguages.length > 0);
    case 'WindowsLanguage': {
      const noMui = machine.os.muiLanguages.length === 0;
      return known(noMui && speaks(machine.os.language, rule.language), machine.os.language);
    }
    case 'MuiLanguageInstalled':
      return known(machine.os.muiLanguages.some((language) => speaks(language, rule.language)));
    case 'SystemMetric':
    case 'ClusteredOS':
    case 'ClusterResourceOwner':
      return unanswered('the machine does not state it');
  }
}

/** `ja` is spoken by `ja-JP`, and `zh-cn` by `zh-CN`. */
function speaks(machineLanguage: string, wanted: string): boolean {
  const have = machineLanguage.toLowerCase();
  const want = wanted.toLowerCase();
  return have === want || have.startsWith(`${want}-`);
}

type WindowsVersion = Extract<SystemRule, { kind: 'WindowsVersion' }>;

/**
 * Win32 VerifyVersionInfo: major, minor and service pack are one number in that order, parts that are not given are
 * skipped; the build is compared by itself; product type is equality, suites are a mask.
 */
function answerWindowsVersion(rule: WindowsVersion, machine: Machine): Answer {
  const comparison = rule.comparison ?? 'EqualTo';
  const version = versionParts(machine.os.version);
  if (version === null) return unanswered(`version ${machine.os.version} is not a version`);
  const [major = 0, minor = 0, build = 0] = version;
  if (rule.productType !== undefined && rule.productType !== machine.os.productType) {
    return known(false, `product type ${machine.os.productType}`);
  }
  if (rule.suiteMask !== undefined && !suitesPresent(rule, machine.os.suiteMask)) {
    return known(false, `suites ${machine.os.suiteMask}`);
  }
  if (rule.buildNumber !== undefined && !holds(comparison, build - rule.buildNumber)) {
    return known(false, machine.os.version);
  }
  const asked: [have: number | null, want: number | undefined][] = [
    [major, rule.majorVersion],
    [minor, rule.minorVersion],
  ];
  const servicePack = servicePackOf(machine, major, minor);
  asked.push(
    [servicePack?.[0] ?? null, rule.servicePackMajor],
    [servicePack?.[1] ?? null, rule.servicePackMinor],
  );
  return compareParts(comparison, asked, machine.os.version);
}

function compareParts(
  comparison: NonNullable<WindowsVersion['comparison']>,
  asked: readonly [have: number | null, want: number | undefined][],
  found: string,
): Answer {
  let compared = false;
  for (const [have, want] of asked) {
    if (want === undefined) continue;
    if (have === null) return unanswered('the service pack is not stated');
    compared = true;
    if (have !== want) return known(holds(comparison, have - want), found);
  }
  return known(!compared || holds(comparison, 0), found);
}

/** From Windows 8 on there are no service packs. */
function servicePackOf(machine: Machine, major: number, minor: number): readonly number[] | null {
  if (machine.os.servicePack !== undefined) return versionParts(machine.os.servicePack);
  return orderOf([major, minor], [6, 2]) >= 0 ? [0, 0] : null;
}

function suitesPresent(rule: WindowsVersion, have: number): boolean {
  const want = rule.suiteMask ?? 0;
  return rule.allSuitesMustBePresent === true ? (have & want) === want : (have & want) !== 0;
}

export function answerQuery(rule: QueryRule, machine: Machine): Answer {
  if (rule.kind !== 'WmiQuery') return unanswered('the machine does not state it');
  const namespace = canonicalNamespace(rule.namespace ?? 'root\\cimv2');
  const query = collapsed(rule.wqlQuery);
  for (const entry of machine.wmi) {
    if (canonicalNamespace(entry.namespace) === namespace && collapsed(entry.query) === query) {
      return known(entry.result, entry.result ? 'rows' : 'no rows');
    }
  }
  return unanswered('no answer to this query is stated');
}

function collapsed(query: string): string {
  return query.replace(/\s+/g, ' ').trim();
}

function canonicalNamespace(namespace: string): string {
  return namespace.replaceAll('/', '\\').toLowerCase().trim();
}
