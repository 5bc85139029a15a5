import type { VersionScheme } from '../ports.js';

/** Majors that a vendor may skip between two releases that we see. */
const MAJORS = 5;
/** A first number that counts builds (`71822`) moves in larger steps: a part of itself. */
const BUILDS_FROM = 200;
const BUILDS_PART = 0.05;
/** Where the majors are equal: a second number of three digits or more that is ten times any before it. */
const MINORS_FROM = 100;
const MAGNITUDE = 10;
const DAY_MS = 86_400_000;
/** Clocks, time zones, and builds that are dated ahead. */
const AHEAD_MS = 31 * DAY_MS;

/**
 * Why a version is no plausible successor of those that are known, which it is newer than; null: it is one, or nothing is
 * known. A vendor's own habit widens what is plausible: who skipped ten majors before may do so again.
 */
export function findJump(
  known: readonly string[],
  next: string,
  now: Date,
  scheme: Pick<VersionScheme, 'compare'>,
): string | null {
  const ordered = [...known].sort(scheme.compare);
  const highest = ordered.at(-1);
  if (highest === undefined) return null;
  const [before, after] = [numbersOf(highest), numbersOf(next)];
  const ahead = findFuture(before[0] ?? 0, after[0] ?? 0, now);
  if (ahead !== null) return ahead;
  const majors = ordered.map((version) => numbersOf(version)[0] ?? 0);
  if ((after[0] ?? 0) !== (before[0] ?? 0)) return findMajor(majors, after[0] ?? 0);
  const sameMajor = ordered.map(numbersOf).filter(([major]) => major === after[0]);
  return findMinor(
    sameMajor.map(([, minor = 0]) => minor),
    after[1] ?? 0,
  );
}

function findMajor(majors: readonly number[], next: number): string | null {
  const before = majors.at(-1) ?? 0;
  // A compact date counts days in its last two digits: as a number it leaps at each year's end.
  if (dayOf(before) !== null && dayOf(next) !== null) return null;
  const habit = Math.max(0, ...majors.slice(1).map((major, at) => major - (majors[at] ?? major)));
  const most = Math.max(MAJORS, 2 * habit, before >= BUILDS_FROM ? before * BUILDS_PART : 0);
  if (isYear(before) !== isYear(next)) return `its first number was ${before} until now, and is ${next}`;
  return next - before > most ? `its first number leaps from ${before} to ${next}` : null;
}

function findMinor(minors: readonly number[], next: number): string | null {
  const highest = Math.max(0, ...minors);
  return next >= MINORS_FROM && highest > 0 && next > MAGNITUDE * highest
    ? `its second number leaps from ${highest} to ${next}`
    : null;
}

function findFuture(before: number, next: number, now: Date): string | null {
  const day = dayOf(next);
  if (day !== null && dayOf(before) !== null && day.getTime() > now.getTime() + AHEAD_MS)
    return `it is dated ${day.toISOString().slice(0, 10)}, which has not come yet`;
  const isBeyond = isYear(before) && isYear(next) && next > now.getUTCFullYear() + 1;
  return isBeyond ? `it is of the year ${next}, which has not come yet` : null;
}

function numbersOf(version: string): readonly number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}

function isYear(number: number): boolean {
  return number >= 1990 && number < 2100;
}

/** `20260611` as a day. */
function dayOf(number: number): Date | null {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(String(number)) ?? [];
  if (year === undefined || !isYear(Number(year))) return null;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}
