import { PermanentError, printable } from './errors.js';

const PLACEHOLDER = /\{([^{}]*)\}/g;
const SPELLED = /^(version[23]?)(Underscore|Dash|NoDots)?$/;
const SEPARATOR: Readonly<Record<string, string>> = { Underscore: '_', Dash: '-', NoDots: '' };

/**
 * The address of a version's file: `{version}`, `{version2}` and `{version3}` (its first parts), each also with
 * `Underscore`, `Dash` or `NoDots`; `{versionCore}`, `{versionNoV}`, `{versionTrim}`, `{major}`, `{patch}`, `{build}`.
 * What a version holds beyond letters, digits and `.-_~+` is percent-encoded: it never leaves its place in the path.
 */
export function addressOf(template: string, version: string): string {
  return template.replace(PLACEHOLDER, (_, name: string) => encode(fill(name, version, template)));
}

function fill(name: string, version: string, template: string): string {
  const value = spelled(name, version) ?? special(name, version);
  // Dots alone would be steps in the path.
  if (value !== null && !/^\.*$/.test(value)) return value;
  throw new PermanentError('definition.invalid', 'an address template cannot be filled', {
    where: printable(template, 300),
    expected: 'a known placeholder, and a version that has that part',
    found: printable(`{${name}} of ${version}`, 120),
    nextStep: 'correct urlTemplate in the definition',
  });
}

function spelled(name: string, version: string): string | null {
  const [, base, spelling] = SPELLED.exec(name) ?? [];
  if (base === undefined) return null;
  const parts = version.split('.').slice(0, base === 'version' ? undefined : Number(base.at(-1)));
  return parts.join(spelling === undefined ? '.' : (SEPARATOR[spelling] ?? '.'));
}

function special(name: string, version: string): string | null {
  const parts = version.split('.');
  if (name === 'versionCore') return version.replace(/[-+].*$/s, '');
  if (name === 'versionNoV') return version.replace(/^v/i, '');
  if (name === 'versionTrim') return version.replace(/(?:\.0+)+$/, '');
  if (name === 'major') return parts[0] ?? null;
  if (name === 'patch') return parts[2] ?? null;
  if (name === 'build') return parts[3] ?? null;
  return null;
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%2B', '+');
}
