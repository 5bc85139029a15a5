import type { FileRule } from '../applicability.js';
import type { Machine, MachineFile } from '../machine.js';
import { type Answer, holds, known, orderOf, unanswered, versionParts } from './answer.js';
import { type LoopTarget, readValue } from './registry.js';

/** SHGetFolderPath for the folders of a machine (not of a user), installed on C:. */
function csidlFolder(csidl: number, machine: Machine): string | null {
  const one = machine.os.architecture === 'x86';
  const programs = 'C:\\Program Files';
  const programs32 = one ? programs : 'C:\\Program Files (x86)';
  const start = 'C:\\ProgramData\\Microsoft\\Windows\\Start Menu';
  const folders: Readonly<Record<number, string>> = {
    20: 'C:\\Windows\\Fonts',
    22: start,
    23: `${start}\\Programs`,
    24: `${start}\\Programs\\StartUp`,
    25: 'C:\\Users\\Public\\Desktop',
    35: 'C:\\ProgramData',
    36: 'C:\\Windows',
    37: 'C:\\Windows\\System32',
    38: programs,
    41: one ? 'C:\\Windows\\System32' : 'C:\\Windows\\SysWOW64',
    42: programs32,
    43: `${programs}\\Common Files`,
    44: `${programs32}\\Common Files`,
    45: 'C:\\ProgramData\\Microsoft\\Windows\\Templates',
    46: 'C:\\Users\\Public\\Documents',
    47: `${start}\\Programs\\Administrative Tools`,
    53: 'C:\\Users\\Public\\Music',
    54: 'C:\\Users\\Public\\Pictures',
    55: 'C:\\Users\\Public\\Videos',
    56: 'C:\\Windows\\Resources',
  };
  return folders[csidl] ?? null;
}

const VARIABLES: Readonly<Record<string, string>> = {
  systemdrive: 'C:',
  systemroot: 'C:\\Windows',
  windir: 'C:\\Windows',
  programfiles: 'C:\\Program Files',
  programw6432: 'C:\\Program Files',
  'programfiles(x86)': 'C:\\Program Files (x86)',
  commonprogramfiles: 'C:\\Program Files\\Common Files',
  programdata: 'C:\\ProgramData',
  allusersprofile: 'C:\\ProgramData',
  public: 'C:\\Users\\Public',
};

/** Lower case, one backslash between parts, `.` and `..` resolved, machine variables expanded; null for other variables. */
function canonicalPath(path: string): string | null {
  const expanded = path.replace(
    /%([^%]*)%/g,
    (whole, name: string) => VARIABLES[name.toLowerCase()] ?? whole,
  );
  if (/%[^%]+%/.test(expanded)) return null;
  const parts: string[] = [];
  for (const part of expanded.toLowerCase().split(/[\\/]+/)) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('\\');
}

const FILES = new WeakMap<Machine, ReadonlyMap<string, MachineFile>>();

function fileAt(machine: Machine, path: string): MachineFile | undefined {
  let files = FILES.get(machine);
  if (files === undefined) {
    files = new Map(machine.files.map((file) => [canonicalPath(file.path) ?? file.path.toLowerCase(), file]));
    FILES.set(machine, files);
  }
  return files.get(path);
}

type Located = { readonly path: string } | { readonly answer: Answer };

function locate(rule: FileRule, machine: Machine, target: LoopTarget | null): Located {
  let folder = '';
  if ('value' in rule) {
    const value = readValue(machine, rule, rule.value, target);
    if (value === null) return { answer: unanswered('HKEY_LOOP_TARGET outside of a loop') };
    // The schema prepends a REG_SZ value; whether a client also takes and expands the other kind no public page says.
    if (value?.type === 'REG_EXPAND_SZ') return { answer: unanswered('the folder is REG_EXPAND_SZ') };
    if (value?.type !== 'REG_SZ' || typeof value.value !== 'string')
      return { answer: known(false, 'no folder in the registry') };
    folder = value.value.replace(/^"(.*)"$/, '$1');
  } else if (rule.csidl !== undefined) {
    const known = csidlFolder(rule.csidl, machine);
    if (known === null) return { answer: unanswered(`folder CSIDL ${rule.csidl} is not known`) };
    folder = known;
  }
  const path = canonicalPath(folder === '' ? rule.path : `${folder}\\${rule.path}`);
  return path === null ? { answer: unanswered(`${rule.path} has a variable that is not known`) } : { path };
}

/** A file that is not listed is missing, and every rule about it is false; an attribute that is not stated is not known. */
export function answerFile(rule: FileRule, machine: Machine, target: LoopTarget | null): Answer {
  const located = locate(rule, machine, target);
  if ('answer' in located) return located.answer;
  const file = fileAt(machine, located.path);
  if (file === undefined) return known(false, `${located.path} is missing`);
  switch (rule.kind) {
    case 'FileExists':
    case 'FileExistsPrependRegSz':
      return existsWith(rule, file);
    case 'FileVersion':
    case 'FileVersionPrependRegSz':
      return compare(rule.comparison, versionOrder(file.version, rule.version), file.version);
    case 'FileCreated':
    case 'FileCreatedPrependRegSz':
      return compare(rule.comparison, timeOrder(file.created, rule.created), file.created);
    case 'FileModified':
    case 'FileModifiedPrependRegSz':
      return compare(rule.comparison, timeOrder(file.modified, rule.modified), file.modified);
    case 'FileSize':
    case 'FileSizePrependRegSz':
      return compare(rule.comparison, numberOrder(file.size, rule.size), String(file.size));
  }
}

function compare(
  comparison: Parameters<typeof holds>[0],
  order: number | null,
  found: string | undefined,
): Answer {
  if (order === null) return unanswered('the machine does not state it');
  return known(holds(comparison, order), found ?? null);
}

/** All attributes that are given must be equal. */
function existsWith(rule: Extract<FileRule, { kind: `FileExists${string}` }>, file: MachineFile): Answer {
  const orders: (number | null)[] = [];
  if (rule.version !== undefined) orders.push(versionOrder(file.version, rule.version));
  if (rule.created !== undefined) orders.push(timeOrder(file.created, rule.created));
  if (rule.modified !== undefined) orders.push(timeOrder(file.modified, rule.modified));
  if (rule.size !== undefined) orders.push(numberOrder(file.size, rule.size));
  if (rule.language !== undefined) orders.push(numberOrder(file.language, rule.language));
  if (orders.some((order) => order !== null && order !== 0)) return known(false, 'another file');
  if (orders.includes(null)) return unanswered('the machine does not state all attributes');
  return known(true, file.path);
}

function versionOrder(left: string | undefined, right: string): number | null {
  const leftParts = left === undefined ? null : versionParts(left);
  const rightParts = versionParts(right);
  return leftParts === null || rightParts === null ? null : orderOf(leftParts, rightParts);
}

function timeOrder(left: string | undefined, right: string): number | null {
  const difference = left === undefined ? Number.NaN : timeOf(left) - timeOf(right);
  return Number.isNaN(difference) ? null : difference;
}

/** A time without a zone is UTC here. */
function timeOf(text: string): number {
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
}

function numberOrder(left: number | undefined, right: number): number | null {
  return left === undefined ? null : left - right;
}
