import { isDeepStrictEqual } from 'node:util';
import type { FarmAnswer } from './answer.js';

/** One answer that holds what both hold; null where they contradict each other. */
export function mergeAnswers(one: FarmAnswer, other: FarmAnswer): FarmAnswer | null {
  if (isDeepStrictEqual(one, other)) return one;
  if (one.kind === 'redirect' || other.kind === 'redirect' || one.contentType !== other.contentType)
    return null;
  const body = one.contentType.startsWith('application/json')
    ? mergedJson(one.body, other.body)
    : mergedText(one.body, other.body);
  return body === null ? null : { ...one, body };
}

function mergedJson(one: string, other: string): string | null {
  const merged = mergeValues(JSON.parse(one), JSON.parse(other));
  return merged === CONTRADICTION ? null : JSON.stringify(merged, null, 1);
}

const CONTRADICTION = Symbol('contradiction');

/** Members of both objects; items of both lists, those that fit each other as one. */
function mergeValues(one: unknown, other: unknown): unknown {
  if (isDeepStrictEqual(one, other) || one === null) return other;
  if (Array.isArray(one) && Array.isArray(other)) return other.reduce<unknown>(withItem, one);
  if (!isObject(one) || !isObject(other)) return CONTRADICTION;
  const merged = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const both = Object.hasOwn(merged, name) ? mergeValues(merged[name], value) : value;
    if (both === CONTRADICTION) return CONTRADICTION;
    merged[name] = both;
  }
  return merged;
}

function withItem(items: unknown, item: unknown): unknown {
  const list = [...(items as readonly unknown[])];
  for (const [place, before] of list.entries()) {
    const both = mergeValues(before, item);
    if (both !== CONTRADICTION) return list.with(place, both);
  }
  return [...list, item];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Pages are looked through, so that one may follow the other; two documents of XML cannot. */
function mergedText(one: string, other: string): string | null {
  return other.startsWith('<?xml') ? null : `${one.trimEnd()}\n${other}`;
}
