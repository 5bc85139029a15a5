import { type Html, html } from '../html.js';

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** `4 min ago`, `in 2 h`, with the whole time for whoever points at it. */
export function timeElement(iso: string, now: Date): Html {
  return html`<time datetime="${iso}" title="${iso}">${describeDistance(iso, now)}</time>`;
}

export function describeDistance(iso: string, now: Date): string {
  const seconds = Math.round((Date.parse(iso) - now.getTime()) / 1000);
  if (Number.isNaN(seconds)) return iso;
  const away = Math.abs(seconds);
  if (away < 5) return 'now';
  const [unit, size] = UNITS.find(([, one]) => away >= one) ?? UNITS[3];
  const amount = `${Math.floor(away / size)} ${unit}`;
  return seconds < 0 ? `${amount} ago` : `in ${amount}`;
}
