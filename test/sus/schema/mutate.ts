import type { XmlElement, XmlNode } from '../../../src/text/xml/index.js';

/** A number from 0 to below `limit`; the same seed gives the same numbers. */
export type Dice = (limit: number) => number;

/** The generator of Park and Miller. */
export function diceOf(seed: number): Dice {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}

const VALUES = [
  ...[
    '',
    ' ',
    'x',
    '0',
    '-1',
    '+7',
    '007',
    '65536',
    '4294967296',
    '99999999999999999999',
    '1.2',
    '1.2.3.4',
    '1.2.3.4.5',
  ],
  ...[
    'true',
    '1',
    'True',
    ' false ',
    'Software',
    'Driver',
    ' Updates ',
    'updates',
    'Hotfixes',
    'Critical',
    'EqualTo',
  ],
  ...[
    '2026-01-31T10:00:00Z',
    '2026-02-30T10:00:00Z',
    '2026-01-31',
    '2026-01-31T24:00:00',
    '2026-01-31T10:00:00.123456789+14:00',
  ],
  ...[
    'http://',
    'https://example.com/a b',
    'ftp://example.com',
    'http://[',
    'https://example.com/%zz',
    'HTTPS://example.com',
  ],
  ...['en', 'en-US', 'not_a_language', 'abcdefghi', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=', 'AAAA', 'A===', '!!'],
  ...[
    '{FB2B7CC0-8307-47e6-A065-11015CC96B99}',
    'FB2B7CC0-8307-47e6-A065-11015CC96B99',
    ' FB2B7CC0-8307-47e6-A065-11015CC96B99',
  ],
  ...[
    'x'.repeat(16),
    'x'.repeat(41),
    '\u{1F600}'.repeat(200),
    'x'.repeat(201),
    'x'.repeat(261),
    'x'.repeat(1501),
    '\u0663.\u0663',
  ],
];
const NAMES = [
  'Title',
  'Language',
  'PackageID',
  'True',
  'And',
  'InstallableItem',
  'IsInstalled',
  'Metadata',
  'Nothing',
];

/** The document with one fault or one harmless change, somewhere. */
export function mutate(root: XmlElement, dice: Dice): XmlElement {
  const elements = descendants(root);
  const target = pick(elements, dice);
  const changes: readonly (() => XmlElement)[] = [
    () => ({ ...target, children: without(target.children, dice) }),
    () => ({ ...target, children: twice(target.children, dice) }),
    () => ({ ...target, children: [...target.children].reverse() }),
    () => ({ ...target, localName: pick(NAMES, dice) }),
    () => ({ ...target, ...nameOf(pick(elements, dice)) }),
    () => ({ ...target, attributes: without(target.attributes, dice) }),
    () => ({ ...target, attributes: changed(target.attributes, dice) }),
    () => ({ ...target, attributes: changed(target.attributes, dice) }),
    () => ({
      ...target,
      attributes: [...target.attributes, { namespace: '', prefix: '', localName: 'Odd', value: '1' }],
    }),
    () => ({ ...target, children: [pick(VALUES, dice)].filter((text) => text !== '') }),
    () => ({ ...target, children: [...target.children, ...inserted(elements, dice)] }),
    () => ({ ...target, children: [...inserted(elements, dice), ...target.children] }),
  ];
  return replace(root, target, pick(changes, dice)());
}

function inserted(elements: readonly XmlElement[], dice: Dice): readonly XmlNode[] {
  return dice(4) === 0 ? ['text'] : [pick(elements.slice(1), dice)];
}

function nameOf({ namespace, prefix, localName }: XmlElement) {
  return { namespace, prefix, localName };
}

function changed(attributes: XmlElement['attributes'], dice: Dice): XmlElement['attributes'] {
  const index = dice(Math.max(attributes.length, 1));
  return attributes.map((one, at) => (at === index ? { ...one, value: pick(VALUES, dice) } : one));
}

function without<T>(list: readonly T[], dice: Dice): readonly T[] {
  const index = dice(Math.max(list.length, 1));
  return list.filter((_, at) => at !== index);
}

function twice<T>(list: readonly T[], dice: Dice): readonly T[] {
  const index = dice(Math.max(list.length, 1));
  return list.flatMap((one, at) => (at === index && typeof one !== 'string' ? [one, one] : [one]));
}

function descendants(from: XmlElement): readonly XmlElement[] {
  return [from, ...from.children.flatMap((child) => (typeof child === 'string' ? [] : descendants(child)))];
}

function replace(from: XmlElement, target: XmlElement, by: XmlElement): XmlElement {
  if (from === target) return by;
  const children = from.children.map((child) =>
    typeof child === 'string' ? child : replace(child, target, by),
  );
  return { ...from, children };
}

function pick<T>(list: readonly T[], dice: Dice): T {
  return list[dice(list.length)] as T;
}
