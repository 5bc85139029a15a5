import type { ApplicabilityRules, Rule } from '../../core/applicability.js';
import type { Route } from '../../core/publication.js';
import type { InstallableItem, InstallHandler, OriginFile } from '../../core/update.js';
import { checkUnique, checkValue, type Finding, finding, type RuleName } from '../finding.js';
import { type Check, length, oneOf, TYPES } from '../rules/checks.js';
import { checkRule } from '../rules/index.js';
import { checkMetadata } from './validate-metadata.js';
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

function checkHandler(handler: InstallHandler, outer: string): readonly Finding[] {
  const path = `${outer}/${handler.kind}`;
  if (handler.kind === 'CommandLineInstallerData') return checkCommandLine(handler, path);
  if (handler.kind === 'MsiInstallerData') return checkMsi(handler, path);
  if (handler.kind === 'MspInstallerData') return checkMsp(handler, path);
  return [
    finding(path, 'handler', 'CommandLineInstallerData | MsiInstallerData | MspInstallerData', handler.name),
  ];
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
    ...(handler.repairPaths ?? []).flatMap(({ targetId }, index) =>
      checkValue(
        `${path}/WindowsInstallerRepairPath[${index}]/@TargetId`,
        'guid',
        targetId,
        TYPES.bracedGuid,
      ),
    ),
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

type HandlerOf<K extends InstallHandler['kind']> = Extract<InstallHandler, { kind: K }>;

function checkMsi(handler: HandlerOf<'MsiInstallerData'>, path: string): readonly Finding[] {
  return [
    ...checkValue(`${path}/@MsiFile`, 'file-name', handler.msiFile, FILE_NAME),
    ...checkValue(`${path}/@ProductCode`, 'guid', handler.productCode, TYPES.bracedGuid),
    ...checkLines(handler, path),
  ];
}

function checkMsp(handler: HandlerOf<'MspInstallerData'>, path: string): readonly Finding[] {
  return [
    ...maybe(`${path}/MspFileName`, 'file-name', handler.mspFileName, FILE_NAME),
    ...maybe(`${path}/@PatchCode`, 'guid', handler.patchCode, TYPES.bracedGuid),
    ...maybe(`${path}/@FullFilePatchCode`, 'guid', handler.fullFilePatchCode, TYPES.bracedGuid),
    ...checkLines(handler, path),
  ];
}

function checkLines(
  handler: HandlerOf<'MsiInstallerData' | 'MspInstallerData'>,
  path: string,
): readonly Finding[] {
  return [
    ...maybe(`${path}/@CommandLine`, 'msi-properties', handler.commandLine, MSI_PROPERTIES),
    ...maybe(`${path}/@UninstallCommandLine`, 'msi-properties', handler.uninstallCommandLine, MSI_PROPERTIES),
  ];
}

function maybe(path: string, rule: RuleName, value: string | null, check: Check): readonly Finding[] {
  return value === null ? [] : checkValue(path, rule, value, check);
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
  const program = programOf(handler);
  return program === null || program === file.fileName
    ? []
    : [finding(`${path}/${handler.kind}`, 'program', `the origin file ${file.fileName}`, program)];
}

function programOf(handler: InstallHandler): string | null {
  switch (handler.kind) {
    case 'CommandLineInstallerData':
      return handler.program;
    case 'MsiInstallerData':
      return handler.msiFile;
    case 'MspInstallerData':
      return handler.mspFileName;
    case 'Unrecognised':
      return null;
  }
}
