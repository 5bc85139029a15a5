import type { Check } from '../rules/checks.js';

/** The attributes that an element may have: the check of each, and whether it must be there. */
export type Attributes = Readonly<Record<string, { readonly check: Check; readonly required: boolean }>>;

/** One place in a sequence: which elements may stand there, and how often. */
export interface Particle {
  /** An element of its own, or a group whose members stand for its (abstract) head. */
  readonly name: string;
  readonly namespace: string;
  readonly type: ElementType | Group;
  readonly minimum: number;
  readonly maximum: number;
}

export type Group = 'rule' | 'handler' | 'metadata' | 'data';

/** `anything`: an element that the schema gives no type. A text with `check`, or a sequence that may be empty. */
export type ElementType =
  | 'anything'
  | {
      readonly attributes: Attributes;
      readonly check?: Check;
      readonly sequence: readonly Particle[];
    };

export const MANY = Number.POSITIVE_INFINITY;

/** `{ Code: int }`; a name that ends in `?` may be missing. */
export function attributes(checks: Readonly<Record<string, Check>>): Attributes {
  return Object.fromEntries(
    Object.entries(checks).map(([name, check]) => [
      name.replace('?', ''),
      { check, required: !name.endsWith('?') },
    ]),
  );
}

export function sequence(
  particles: readonly Particle[],
  checks: Readonly<Record<string, Check>> = {},
): ElementType {
  return { attributes: attributes(checks), sequence: particles };
}

export function text(check: Check, checks: Readonly<Record<string, Check>> = {}): ElementType {
  return { attributes: attributes(checks), check, sequence: [] };
}

/** Makes the particles of one namespace. */
export function particlesOf(namespace: string) {
  const place = (name: string, type: ElementType | Group, minimum: number, maximum: number): Particle => ({
    name,
    namespace,
    type,
    minimum,
    maximum,
  });
  return {
    one: (name: string, type: ElementType | Group) => place(name, type, 1, 1),
    maybe: (name: string, type: ElementType | Group) => place(name, type, 0, 1),
    many: (name: string, type: ElementType | Group) => place(name, type, 0, MANY),
    some: (name: string, type: ElementType | Group) => place(name, type, 1, MANY),
  };
}
