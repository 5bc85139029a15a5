import { createHash } from 'node:crypto';

/** A share of the texts that depends on nothing but the seed, in the order of their draw; at least one of any. */
export function drawShare(texts: readonly string[], share: number, seed: string): readonly string[] {
  const count = share === 0 || texts.length === 0 ? 0 : Math.max(1, Math.round(texts.length * share));
  const drawOf = (text: string) => createHash('sha256').update(`${seed}\n${text}`).digest('hex');
  return texts
    .map((text) => ({ text, draw: drawOf(text) }))
    .sort((a, b) => (a.draw < b.draw ? -1 : 1))
    .slice(0, count)
    .map(({ text }) => text);
}
