import type { ProductDefinition } from '../../core/product.js';

const LINE_WIDTH = 110;
/** As people read a definition: who it is, what is published, where it comes from. */
const ORDER = [
  '$schema',
  'id',
  'name',
  'vendor',
  'moniker',
  'tier',
  'lacks',
  'automation',
  'retired',
  'homepage',
  'releaseNotesUrl',
  'supportUrl',
  'license',
  'cpe',
  'versionScheme',
  'classification',
  'severity',
  'signer',
  'feeds',
  'installers',
] as const;

/** The members of a definition's file in their order, with the schema for editors. */
export function membersOf(product: ProductDefinition): Record<string, unknown> {
  return inOrder({ $schema: '../../product.schema.json', ...product });
}

export function inOrder(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const place = (name: string): number => (ORDER as readonly string[]).indexOf(name) >>> 0;
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => place(a) - place(b)));
}

/** JSON as the formatter of this project leaves it: a list of texts on one line where it fits. */
export function textOfMembers(members: Readonly<Record<string, unknown>>): string {
  return `${textOf(members, '', 0)}\n`;
}

/** `taken`: characters before the value on its line and behind it. */
function textOf(value: unknown, indent: string, taken: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const oneLine = `[${value.map((one) => JSON.stringify(one)).join(', ')}]`;
    const isPlain = value.every((one) => typeof one !== 'object');
    if (isPlain && indent.length + taken + oneLine.length <= LINE_WIDTH) return oneLine;
    return `[\n${value.map((one) => `${inner}${textOf(one, inner, 1)}`).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  const lines = entries.map(([name, one]) => {
    const head = `${JSON.stringify(name)}: `;
    return `${inner}${head}${textOf(one, inner, head.length + 1)}`;
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
