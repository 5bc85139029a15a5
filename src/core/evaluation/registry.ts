import type { RegistryPlace, RegistryRule, StringComparison } from '../applicability.js';
import type { Machine, RegistryValue } from '../machine.js';
import { type Answer, holds, known, orderOf, unanswered, versionParts } from './answer.js';

type View = '64' | '32';

/** Keys and values of a machine by canonical place. */
interface RegistryIndex {
  readonly values: ReadonlyMap<string, ReadonlyMap<string, RegistryValue>>;
  /** Names as written, by canonical parent. */
  readonly subkeys: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** The key a loop is at: the path under HKEY_LOCAL_MACHINE. Each rule chooses its own view of it. */
export interface LoopTarget {
  readonly path: string;
}

const INDEXES = new WeakMap<Machine, RegistryIndex>();

/**
 * One name for each key. On a 64-bit machine only `SOFTWARE` has two views, and `SOFTWARE\Wow6432Node` is the 32-bit
 * view's `SOFTWARE` from either side; everything else is shared. A 32-bit machine has one view.
 */
function placeOf(machine: Machine, view: View, path: string): string {
  const parts = path
    .toLowerCase()
    .split('\\')
    .filter((part) => part !== '');
  if (machine.os.architecture === 'x86') return ['one', ...parts].join('\\');
  if (parts[0] !== 'software') return ['shared', ...parts].join('\\');
  if (parts[1] === 'wow6432node') return ['32', 'software', ...parts.slice(2)].join('\\');
  return [view, ...parts].join('\\');
}

function indexOf(machine: Machine): RegistryIndex {
  const ready = INDEXES.get(machine);
  if (ready !== undefined) return ready;
  const index = buildIndex(machine);
  INDEXES.set(machine, index);
  return index;
}

function buildIndex(machine: Machine): RegistryIndex {
  const values = new Map<string, Map<string, RegistryValue>>();
  const subkeys = new Map<string, Map<string, string>>();
  for (const view of ['64', '32'] as const) {
    for (const [key, entries] of Object.entries(machine.registry[view])) {
      const path = localMachinePath(key);
      if (path === null) continue;
      const here = values.get(placeOf(machine, view, path)) ?? new Map<string, RegistryValue>();
      for (const [name, value] of Object.entries(entries)) here.set(name.toLowerCase(), value);
      addKey(machine, view, path, values, subkeys);
      values.set(placeOf(machine, view, path), here);
    }
  }
  return { values, subkeys };
}

/** A key exists when it is listed or stands above one that is. */
function addKey(
  machine: Machine,
  view: View,
  path: string,
  values: Map<string, Map<string, RegistryValue>>,
  subkeys: Map<string, Map<string, string>>,
): void {
  const parts = path.split('\\').filter((part) => part !== '');
  for (let length = parts.length; length > 0; length -= 1) {
    const place = placeOf(machine, view, parts.slice(0, length).join('\\'));
    if (!values.has(place)) values.set(place, new Map());
    const parent = placeOf(machine, view, parts.slice(0, length - 1).join('\\'));
    const name = parts[length - 1] ?? '';
    const names = subkeys.get(parent) ?? new Map<string, string>();
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
    subkeys.set(parent, names);
  }
}

/** Machine files write `HKLM\`; no other hive is visible to rules (BaseTypes.xsd, RegistryKey). */
function localMachinePath(key: string): string | null {
  const match = /^(?:HKLM|HKEY_LOCAL_MACHINE)\\(.*)$/is.exec(key);
  return match?.[1] ?? null;
}

/** The path a rule means, or null for a loop target outside of a loop. In a loop, the sub-key `\` is the target itself. */
export function pathOf(place: RegistryPlace, target: LoopTarget | null): string | null {
  if (place.key === 'HKEY_LOCAL_MACHINE') return place.subkey;
  return target === null ? null : `${target.path}\\${place.subkey}`;
}

const viewOf = (place: RegistryPlace): View => (place.regType32 ? '32' : '64');
const NO_TARGET = 'HKEY_LOOP_TARGET outside of a loop';

/** A value by name, ignoring case; undefined where it is missing, null where the place cannot be told. */
export function readValue(
  machine: Machine,
  place: RegistryPlace,
  name: string,
  target: LoopTarget | null,
): RegistryValue | undefined | null {
  const path = pathOf(place, target);
  if (path === null) return null;
  return indexOf(machine)
    .values.get(placeOf(machine, viewOf(place), path))
    ?.get(name.toLowerCase());
}

/** The paths of the sub-keys a loop visits, or null for a loop over a target that is not there. */
export function loopTargets(
  machine: Machine,
  place: RegistryPlace,
  target: LoopTarget | null,
): LoopTarget[] | null {
  const path = pathOf(place, target);
  if (path === null) return null;
  const names = indexOf(machine).subkeys.get(placeOf(machine, viewOf(place), path));
  return [...(names?.values() ?? [])].map((name) => ({ path: `${path}\\${name}` }));
}

type RegistryLeaf = Exclude<RegistryRule, { kind: 'RegKeyLoop' }>;

export function answerRegistry(rule: RegistryLeaf, machine: Machine, target: LoopTarget | null): Answer {
  const path = pathOf(rule, target);
  if (path === null) return unanswered(NO_TARGET);
  if (rule.kind === 'RegKeyExists') {
    return known(indexOf(machine).values.has(placeOf(machine, viewOf(rule), path)));
  }
  const value = readValue(machine, rule, rule.value ?? '', target) ?? undefined;
  const found = value === undefined ? 'no such value' : `${value.type} ${JSON.stringify(value.value)}`;
  switch (rule.kind) {
    case 'RegValueExists':
      return known(value !== undefined && (rule.type === null || value.type === rule.type), found);
    case 'RegDword': {
      const data = value?.type === 'REG_DWORD' ? dword(value) : null;
      return known(data !== null && holds(rule.comparison, data - rule.data), found);
    }
    case 'RegSz':
      return compareText(rule.comparison, textOfType(value, 'REG_SZ'), rule.data, found);
    case 'RegExpandSz':
      return compareText(rule.comparison, textOfType(value, 'REG_EXPAND_SZ'), rule.data, found);
    case 'RegSzToVersion':
      return compareVersion(rule, value, found);
  }
}

/** REG_DWORD has no sign (BaseTypes.xsd, RegistryValueDword): -1 is the same 32 bits as 4294967295. */
function dword(value: RegistryValue): number | null {
  const { value: told } = value;
  const data = typeof told === 'string' && told.trim() !== '' ? Number(told) : told;
  return typeof data === 'number' && Number.isInteger(data) && Math.abs(data) < 2 ** 32 ? data >>> 0 : null;
}

function textOfType(value: RegistryValue | undefined, type: RegistryValue['type']): string | null {
  return value?.type === type && typeof value.value === 'string' ? value.value : null;
}

/** No public page says whether the client compares data by case: where that decides, the answer is not known. */
function compareText(comparison: StringComparison, text: string | null, data: string, found: string): Answer {
  if (text === null) return known(false, found);
  if (matches(comparison, text, data)) return known(true, found);
  if (matches(comparison, text.toLowerCase(), data.toLowerCase()))
    return unanswered(`${found}: differs by case only`);
  return known(false, found);
}

function matches(comparison: StringComparison, text: string, data: string): boolean {
  switch (comparison) {
    case 'EqualTo':
      return text === data;
    case 'BeginsWith':
      return text.startsWith(data);
    case 'Contains':
      return text.includes(data);
    case 'EndsWith':
      return text.endsWith(data);
  }
}

/**
 * A missing value is 0.0.0.0 (configmgr-catalog 4, rule 2). A value of another type is there and is no REG_SZ, and a text
 * that is no version of one to four parts cannot be compared: no public page says what the client makes of either.
 */
function compareVersion(
  rule: Extract<RegistryRule, { kind: 'RegSzToVersion' }>,
  value: RegistryValue | undefined,
  found: string,
): Answer {
  const text = value === undefined ? '0.0.0.0' : textOfType(value, 'REG_SZ');
  const left = text === null ? null : versionParts(text);
  const right = versionParts(rule.data);
  if (left === null || right === null) return unanswered(`${found}: not a version`);
  return known(
    holds(rule.comparison, orderOf(left, right)),
    value === undefined ? `${found}, taken as 0.0.0.0` : found,
  );
}
