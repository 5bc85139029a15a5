import { compilePattern } from '../text/pattern.js';

/** What a template has in the place of the version, and of what counts its builds. */
const PLACE = /\{(?:version[234]?|build)\}/g;

/**
 * The version in a tag that was made by a template, `v{version3}+{build}`: its parts with dots between them. Null for a
 * tag of another form, and where the template is none.
 */
export function templateReader(template: string | undefined): (tag: string) => string | null {
  const literals = (template ?? '').split(PLACE);
  const isTemplate = literals.length > 1 && !literals.some((one) => /[{}]/.test(one));
  if (!isTemplate) return () => null;
  const pattern = compilePattern(`^${literals.map(escaped).join('(\\d.*)')}$`);
  return (tag) => {
    const match = pattern.first(tag);
    if (match === null) return null;
    return literals
      .slice(1)
      .map((_, at) => match.group(at + 1) ?? '')
      .join('.');
  };
}

function escaped(literal: string): string {
  return literal.replace(/[^\w ]/g, '\\$&');
}
