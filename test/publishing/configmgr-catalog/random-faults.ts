import { packageInRoot } from '../../../src/publishing/configmgr-catalog/root-xml.js';
import { parseXml, withoutLayout, writeXml } from '../../../src/text/xml/index.js';
import { type Dice, mutate } from '../../sus/schema/mutate.js';
import type { Members } from './seeded-faults.js';

const ROOT = 'test.xml';
const JSON_VALUES = ['', 'x', 0, -1, null, true, [], ['x'], {}, '2026-02-30T10:00:00Z'] as const;

/** One fault, or one harmless change, anywhere in a catalog that was sound. Answers what was done, for messages. */
export function seedRandomFault(members: Members, dice: Dice): string {
  const seeds: readonly ((members: Members, dice: Dice) => string)[] = [
    inBothTwins,
    inBothTwins,
    inBothTwins,
    inOneTwin,
    inJson,
    inJson,
    inName,
    inBytes,
  ];
  return pick(seeds, dice)(members, dice);
}

function inBothTwins(members: Members, dice: Dice): string {
  const [name, sdp, changed] = changedDocument(members, dice);
  members.set(name, changed);
  replaceInRoot(members, name, sdp, changed);
  return `${name} and its twin`;
}

function inOneTwin(members: Members, dice: Dice): string {
  const [name, sdp, changed] = changedDocument(members, dice);
  if (dice(2) === 0) {
    members.set(name, changed);
    return name;
  }
  replaceInRoot(members, name, sdp, changed);
  return `the twin of ${name}`;
}

function changedDocument(
  members: Members,
  dice: Dice,
): readonly [name: string, before: string, after: string] {
  const name = pick(
    [...members.keys()].filter((one) => one.endsWith('.sdp')),
    dice,
  );
  const sdp = String(members.get(name));
  return [name, sdp, writeXml(mutate(withoutLayout(parseXml(sdp)), dice), {})];
}

function replaceInRoot(members: Members, name: string, before: string, after: string): void {
  const root = String(members.get(ROOT));
  const [from, to] = [before, after].map((sdp) => packageInRoot(Buffer.from(sdp), name));
  if (from === undefined || to === undefined || !root.includes(from)) throw new Error(`${name} has no twin`);
  members.set(
    ROOT,
    root.replace(from, () => to),
  );
}

function inJson(members: Members, dice: Dice): string {
  const name = pick(
    [...members.keys()].filter((one) => one.endsWith('.json')),
    dice,
  );
  members.set(name, JSON.stringify(changedJson(JSON.parse(String(members.get(name))), dice)));
  return name;
}

/** With a value less, another value, or another key. */
function changedJson(value: unknown, dice: Dice): unknown {
  if (typeof value !== 'object' || value === null || dice(8) === 0) return pick(JSON_VALUES, dice);
  const entries = Object.entries(value);
  const at = dice(Math.max(entries.length, 1));
  const kind = dice(3);
  const changed = entries.flatMap(([key, one], index) => {
    if (index !== at) return [[key, one] as const];
    if (kind === 0) return [];
    return [kind === 1 ? ([key, changedJson(one, dice)] as const) : ([`${key}x`, one] as const)];
  });
  return Array.isArray(value) ? changed.map(([, one]) => one) : Object.fromEntries(changed);
}

function inName(members: Members, dice: Dice): string {
  const name = pick([...members.keys()], dice);
  const content = members.get(name) ?? '';
  const names = [
    name.toUpperCase(),
    name.replace('\\', '\\x'),
    name.replace(/^[^\\]*\\/, ''),
    `V2\\${name}`,
    `${name}.txt`,
  ];
  members.delete(name);
  const other = dice(6) === 0 ? null : pick(names, dice);
  if (other !== null) members.set(other, content);
  return `${name} as ${other ?? 'nothing'}`;
}

function inBytes(members: Members, dice: Dice): string {
  const name = pick([...members.keys()], dice);
  const bytes = Buffer.from(members.get(name) ?? '');
  const at = dice(bytes.length);
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << dice(8)), at);
  members.set(name, dice(4) === 0 ? bytes.subarray(0, at) : bytes);
  return `byte ${at} of ${name}`;
}

/** One byte of the header of a cabinet, or of where its signature stands. */
export function seedHeaderFault(cabinet: Buffer, dice: Dice): string {
  const at = dice(60);
  cabinet.writeUInt8(cabinet.readUInt8(at) ^ (1 << dice(8)), at);
  return `byte ${at} of the cabinet`;
}

function pick<T>(list: readonly T[], dice: Dice): T {
  return list[dice(list.length)] as T;
}
