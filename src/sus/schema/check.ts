import { childElements, type XmlElement, XSI } from '../../text/xml/index.js';
import { type Finding, finding } from '../finding.js';
import { SDP, SMC } from '../namespaces.js';
import type { ElementType, Particle } from './elements.js';
import { GROUPS } from './groups.js';
import { PACKAGE } from './package.js';

const MAX_DEPTH = 200;
const XSI_NAMES = new Set(['schemaLocation', 'noNamespaceSchemaLocation']);

/**
 * What the document breaks of the SDP schemas: names, namespaces, order, numbers, types. The `smc` root of catalogs is
 * taken as well (its schema is not public; vendors' V2 members have it). Empty: it is valid. Pure.
 */
export function checkSchema(root: XmlElement): readonly Finding[] {
  const isPackage =
    root.localName === 'SoftwareDistributionPackage' &&
    (root.namespace === SDP.namespace || root.namespace === SMC.namespace);
  if (isPackage) return checkElement(root, PACKAGE, '', 0);
  return [finding('', 'schema-element', 'SoftwareDistributionPackage', nameOf(root))];
}

function checkElement(from: XmlElement, type: ElementType, path: string, depth: number): readonly Finding[] {
  if (depth > MAX_DEPTH)
    return [finding(path, 'schema-depth', `at most ${MAX_DEPTH} levels`, from.localName)];
  if (type === 'anything') return checkLax(from, path, depth);
  return [
    ...checkAttributes(from, type, path),
    ...(type.check === undefined
      ? [...checkNoText(from, type, path), ...checkSequence(from, type.sequence, path, depth)]
      : checkText(from, type.check, path)),
  ];
}

/** Where the schema says nothing, the elements that it knows are still what it says of them. */
function checkLax(from: XmlElement, path: string, depth: number): readonly Finding[] {
  return childElements(from).flatMap((child) => {
    const known = Object.values(GROUPS).flatMap((group) => group.get(keyOf(child)) ?? []);
    return checkElement(child, known[0] ?? 'anything', at(path, child.localName), depth + 1);
  });
}

function checkAttributes(
  from: XmlElement,
  { attributes }: Exclude<ElementType, 'anything'>,
  path: string,
): readonly Finding[] {
  const plain = new Map(
    from.attributes.filter((one) => one.namespace === '').map((one) => [one.localName, one.value]),
  );
  const foreign = from.attributes.filter(({ namespace, localName }) =>
    namespace === '' ? !Object.hasOwn(attributes, localName) : namespace !== XSI || !XSI_NAMES.has(localName),
  );
  return [
    ...foreign.map(({ localName, value }) =>
      finding(at(path, `@${localName}`), 'schema-attribute', 'no such attribute', value),
    ),
    ...Object.entries(attributes).flatMap(([name, { check, required }]) => {
      const value = plain.get(name);
      if (value === undefined) {
        return required ? [finding(at(path, `@${name}`), 'schema-attribute', 'a value', 'none')] : [];
      }
      const expected = check(value);
      return expected === null ? [] : [finding(at(path, `@${name}`), 'schema-type', expected, value)];
    }),
  ];
}

function checkText(
  from: XmlElement,
  check: (text: string) => string | null,
  path: string,
): readonly Finding[] {
  const [inner] = childElements(from);
  if (inner !== undefined) return [finding(path, 'schema-element', 'text', nameOf(inner))];
  const value = from.children.join('');
  const expected = check(value);
  return expected === null ? [] : [finding(path, 'schema-type', expected, value)];
}

/** Blanks lay a sequence out; an element that is always empty has not even these. */
function checkNoText(
  from: XmlElement,
  { sequence }: Exclude<ElementType, 'anything'>,
  path: string,
): readonly Finding[] {
  const value = from.children.filter((child) => typeof child === 'string').join('');
  const isAllowed = sequence.length === 0 ? value === '' : /^[\t\n\r ]*$/.test(value);
  return isAllowed ? [] : [finding(path, 'schema-text', 'no text', value)];
}

/** Every sequence of the schemas is decided by the next element's name alone, so it is read once, from left to right. */
function checkSequence(
  from: XmlElement,
  sequence: readonly Particle[],
  path: string,
  depth: number,
): readonly Finding[] {
  const children = childElements(from);
  const findings: Finding[] = [];
  let next = 0;
  for (const particle of sequence) {
    let count = 0;
    for (; count < particle.maximum; count++) {
      const child = children[next];
      const type = child === undefined ? undefined : typeIn(particle, child);
      if (child === undefined || type === undefined) break;
      const place = particle.maximum > 1 ? `${child.localName}[${count}]` : child.localName;
      findings.push(...checkElement(child, type, at(path, place), depth + 1));
      next++;
    }
    if (count < particle.minimum) {
      const found = children[next];
      return [
        ...findings,
        finding(
          at(path, particle.name),
          'schema-order',
          particle.name,
          found === undefined ? 'none' : nameOf(found),
        ),
      ];
    }
  }
  const left = children[next];
  if (left === undefined) return findings;
  return [
    ...findings,
    finding(at(path, left.localName), 'schema-order', 'no such element here', nameOf(left)),
  ];
}

function typeIn(particle: Particle, child: XmlElement): ElementType | undefined {
  if (typeof particle.type === 'string' && particle.type !== 'anything') {
    return GROUPS[particle.type].get(keyOf(child));
  }
  const isNamed = child.localName === particle.name && child.namespace === particle.namespace;
  return isNamed ? particle.type : undefined;
}

function keyOf({ namespace, localName }: XmlElement): string {
  return `${namespace} ${localName}`;
}

function nameOf({ namespace, localName }: XmlElement): string {
  return `{${namespace}}${localName}`;
}

function at(path: string, inner: string): string {
  return path === '' ? inner : `${path}/${inner}`;
}
