import { versionParts } from '../../core/evaluation/answer.js';

/** From one version to a neighbour of it, over four parts; null where there is none. */
export type Step = (parts: readonly number[]) => readonly number[] | null;

/** Registry texts may have five digits a part (BaseTypes.xsd, Version); the numbers of a file end at 16 bits. */
const LARGEST_TEXT_PART = 99_999;
const LARGEST_FILE_PART = 65_535;

/** The release before: 24.08 to 24.07. */
export const stepBack: Step = (parts) => decreased(parts, lastSet(parts));
/** The generation before: 24.08 to 23.08; null where that is the release before. */
export const stepFarBack: Step = (parts) =>
  firstSet(parts) === lastSet(parts) ? null : decreased(parts, firstSet(parts));
/** The release after: 24.08 to 24.09. */
export const stepForward: Step = (parts) => increased(parts, Math.max(0, lastSet(parts)));
/** The generation after: 24.08 to 25.08. */
export const stepFarForward: Step = (parts) => increased(parts, 0);
/** The nearest version above: 24.8.0.0 to 24.8.0.1. */
export const justAbove: Step = (parts) => increased(parts, 3);

/** The nearest version below: 24.8.0.0 to 24.7.65535.65535. */
export const justBelow: Step = (parts) => {
  const last = lastSet(parts);
  return decreased(parts, last)?.map((part, index) => (index > last ? LARGEST_FILE_PART : part)) ?? null;
};

/** The text one step away, in the manner of the text (`24.08` to `24.07`); null where it is no version or has no such neighbour. */
export function steppedText(text: string, step: Step): string | null {
  const parts = versionParts(text);
  const stepped = parts && step(parts);
  if (!stepped) return null;
  const written = text.split('.').length;
  const needed = Math.max(written, lastSet(stepped) + 1);
  return inMannerOf(text, stepped.slice(0, needed));
}

/**
 * The name of the copy one step away. A name may hold its version in full or in part (`7-Zip 24.08 (x64 edition)` with
 * the DisplayVersion 24.08.00.0), and its copies of other versions then have other names. A single number counts only
 * where it is the whole version: the 64 of `(64-bit)` is none.
 */
export function steppedName(
  name: string,
  displayVersion: string,
  releaseVersion: string,
  step: Step,
): string {
  const parts = versionParts(displayVersion);
  const stepped = parts && step(parts);
  if (!stepped) return name;
  return name.replace(/\d+(?:\.\d+)*/g, (token) => {
    const whole = token === displayVersion || token === releaseVersion.replace(/^v/i, '');
    const count = token.split('.').length;
    if (!whole && count === 1) return token;
    const named = versionParts(token)?.slice(0, count);
    if (named?.every((part, index) => part === parts[index]))
      return inMannerOf(token, stepped.slice(0, count));
    // A release that is numbered otherwise than its DisplayVersion.
    return whole ? (steppedText(token, step) ?? token) : token;
  });
}

function inMannerOf(text: string, parts: readonly number[]): string {
  const widths = text.split('.').map((part) => (part.startsWith('0') ? part.length : 0));
  return parts.map((part, index) => String(part).padStart(widths[index] ?? 0, '0')).join('.');
}

function decreased(parts: readonly number[], at: number): readonly number[] | null {
  return at < 0 ? null : parts.map((part, index) => (index === at ? part - 1 : part));
}

function increased(parts: readonly number[], at: number): readonly number[] | null {
  if (parts[at] === LARGEST_TEXT_PART) return null;
  return parts.map((part, index) => (index === at ? part + 1 : part));
}

function firstSet(parts: readonly number[]): number {
  return parts.findIndex((part) => part > 0);
}

function lastSet(parts: readonly number[]): number {
  return parts.findLastIndex((part) => part > 0);
}
