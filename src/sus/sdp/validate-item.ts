import type { ApplicabilityMetadata, ApplicabilityRules, Rule } from '../../core/applicability.js';
import type { Route } from '../../core/publication.js';
import type { InstallableItem, InstallHandler, OriginFile } from '../../core/update.js';
import { checkUnique, checkValue, type Finding, finding } from '../finding.js';
import { length, oneOf, TYPES } from '../rules/checks.js';
import { checkRule } from '../rules/index.js';
import { FILE_NAME, HTTPS_URL, LOWER_GUID, MSI_PROPERTIES } from './types.js';

const RESULT = oneOf('Failed', 'Succeeded', 'Cancelled');

export function checkItem(
  item: InstallableItem,
  path: string,
  { route = 'catalog' }: { readonly route?: Route },
): readonly Finding[] {
  const { handler, originFile } = item;
  return [
    ...checkValue(`${path}/@ID`, 'guid', item.id, LOWER_GUID),
    ...checkRules(item.applicabilityRules, `${path}/ApplicabilityRules`),
    ...(handler === null
      ? [finding(path, 'cardinality', 'installer data', 'none')]
      : checkHandler(handler, path)),
    ...(originFile === null
      ? [finding(`${path}/OriginFile`, 'cardinality', 'one', 'none')]
      : checkFile(originFile, `${path}/OriginFile`, route)),
    ...checkProgram(handler, originFile, path),
    ...item.languages.flatMap((language, index) =>
      checkValue(`${path}/Language[${index}]`, 'language', language, TYPES.language),
    ),
    ...checkUnique(`${path}/Language`, item.languages),
  ];
}

function checkRules(rules: ApplicabilityRules, path: string): readonly Finding[] {
  const groups: readonly (readonly [string, Rule | null])[] = [
    ['IsInstalled', rules.isInstalled],
    ['IsSuperseded', rules.isSuperseded],
    ['IsInstallable', rules.isInstallable],
  ];
  // A missing rule is false: never installed, or never offered. Whether an item without one takes the package's, the
  // schema's own texts disagree.
  const missing = groups.filter(([name, rule]) => name !== 'IsSuperseded' && rule === null);
  return [
    ...missing.map(([name]) => finding(`${path}/${name}`, 'cardinality', 'one rule', 'none')),
    ...groups.flatMap(([name, rule]) => (rule === null ? [] : checkRule(rule, `${path}/${name}`))),
    ...checkMetadata(rules.metadata ?? [], groups, `${path}/Metadata`),
  ];
}

/** The six MSI rules without attributes read what stands beside them. */
function checkMetadata(
  metadata: readonly ApplicabilityMetadata[],
  groups: readonly (readonly [string, Rule | null])[],
  path: string,
): readonly Finding[] {
  const asksApplication = groups.some(([, rule]) => rule !== null && asks(rule, /^MsiApplication/));
  const asksPatch = groups.some(
    ([, rule]) => rule !== null && asks(rule, /^MsiPatch(?!InstalledForProduct)/),
  );
  const found = metadata.map((entry) => entry.kind);
  return [
    ...(asksPatch || found.includes('MsiPatchMetadata')
      ? [finding(path, 'metadata', 'no rules about a patch (they cannot be written)', 'MsiPatchMetadata')]
      : []),
    ...(asksApplication && !found.includes('MsiApplicationMetadata')
      ? [finding(path, 'metadata', 'MsiApplicationMetadata beside the rules that read it', 'none')]
      : []),
    ...metadata.flatMap((entry) =>
      entry.kind === 'MsiApplicationMetadata'
        ? checkValue(`${path}/ProductCode`, 'guid', entry.productCode, TYPES.bracedGuid)
        : [],
    ),
  ];
}

function asks(rule: Rule, kind: RegExp): boolean {
  if ('rules' in rule) return rule.rules.some((inner) => asks(inner, kind));
  return 'rule' in rule ? asks(rule.rule, kind) : kind.test(rule.kind);
}

function checkHandler(handler: InstallHandler, outer: string): readonly Finding[] {
  const path = `${outer}/${handler.kind}`;
  if (handler.kind === 'CommandLineInstallerData') return checkCommandLine(handler, path);
  if (handler.kind === 'MsiInstallerData') return checkMsi(handler, path);
  return [finding(path, 'handler', 'CommandLineInstallerData | MsiInstallerData', handler.kind)];
}

function checkCommandLine(
  handler: Extract<InstallHandler, { kind: 'CommandLineInstallerData' }>,
  path: string,
): readonly Finding[] {
  const codes = handler.returnCodes;
  return [
    ...checkValue(`${path}/@Program`, 'file-name', handler.program, FILE_NAME),
    ...checkValue(`${path}/@Program`, 'length', handler.program, length(1, 260)),
    ...checkValue(`${path}/@DefaultResult`, 'return-code', handler.defaultResult, RESULT),
    ...codes.flatMap(({ code, result }, index) => [
      ...checkValue(`${path}/ReturnCode[${index}]/@Code`, 'return-code', String(code), TYPES.int),
      ...checkValue(`${path}/ReturnCode[${index}]/@Result`, 'return-code', result, RESULT),
    ]),
    ...checkUnique(
      `${path}/ReturnCode/@Code`,
      codes.map(({ code }) => String(code)),
    ),
    ...codes.flatMap(({ descriptions }, index) =>
      (descriptions ?? []).flatMap(({ description }) =>
        checkValue(
          `${path}/ReturnCode[${index}]/LocalizedDescription`,
          'length',
          description,
          length(1, 1500),
        ),
      ),
    ),
  ];
}

function checkMsi(
  handler: Extract<InstallHandler, { kind: 'MsiInstallerData' }>,
  path: string,
): readonly Finding[] {
  const lines = { CommandLine: handler.commandLine, UninstallCommandLine: handler.uninstallCommandLine };
  return [
    ...checkValue(`${path}/@MsiFile`, 'file-name', handler.msiFile, FILE_NAME),
    ...checkValue(`${path}/@ProductCode`, 'guid', handler.productCode, TYPES.bracedGuid),
    ...Object.entries(lines).flatMap(([name, line]) =>
      line === null ? [] : checkValue(`${path}/@${name}`, 'msi-properties', line, MSI_PROPERTIES),
    ),
  ];
}

function checkFile(file: OriginFile, path: string, route: Route): readonly Finding[] {
  const hasBytes = Number.isSafeInteger(file.sizeBytes) && file.sizeBytes > 0;
  return [
    ...checkValue(`${path}/@Digest`, 'digest', file.digest, TYPES.sha1),
    ...checkValue(`${path}/@FileName`, 'file-name', file.fileName, FILE_NAME),
    ...(hasBytes ? [] : [finding(`${path}/@Size`, 'size', 'a number of bytes', String(file.sizeBytes))]),
    ...checkValue(`${path}/@Modified`, 'date', file.modified, TYPES.date),
    ...(route === 'direct' && file.originUri === null
      ? []
      : checkValue(`${path}/@OriginUri`, 'url', file.originUri ?? '', HTTPS_URL)),
    ...checkValue(`${path}/AdditionalDigest`, 'digest', file.sha256 ?? '', TYPES.sha256),
  ];
}

/** The content is the one file that was downloaded, so the program to run is that file (configmgr-catalog 3.1). */
function checkProgram(
  handler: InstallHandler | null,
  file: OriginFile | null,
  path: string,
): readonly Finding[] {
  if (handler === null || file === null) return [];
  const program =
    handler.kind === 'CommandLineInstallerData'
      ? handler.program
      : handler.kind === 'MsiInstallerData'
        ? handler.msiFile
        : null;
  return program === null || program === file.fileName
    ? []
    : [finding(`${path}/${handler.kind}`, 'program', `the origin file ${file.fileName}`, program)];
}
