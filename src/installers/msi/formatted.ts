/**
 * A Formatted text of the Registry table with its `[Property]` references put in, as the installer writes it. Null when
 * it refers to something that only the installation decides (`[#file]`, `[INSTALLDIR]`, `[%PATH]`, `[[a]b]`): such a
 * value proves nothing.
 */
export function resolveFormatted(text: string, properties: ReadonlyMap<string, string>): string | null {
  let resolved = '';
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('[', at);
    if (open < 0) return resolved + text.slice(at);
    const close = text.indexOf(']', open);
    if (close < 0) return null;
    const value = resolveReference(text.slice(open + 1, close), properties);
    if (value === null) return null;
    resolved += text.slice(at, open) + value;
    at = close + 1;
  }
  return resolved;
}

function resolveReference(name: string, properties: ReadonlyMap<string, string>): string | null {
  // `[\x]` is the character itself.
  if (/^\\.$/s.test(name)) return name.slice(1);
  return properties.get(name) ?? null;
}

/** What a Registry.Value becomes: `#1` is a DWORD, `##x` the text `#x`, `#%` `#x` and `[~]` other types. */
export function registryText(value: string): {
  readonly kind: 'text' | 'number' | 'other';
  readonly text: string;
} {
  if (/^#[+-]?\d+$/.test(value)) return { kind: 'number', text: value.slice(1) };
  if (value.startsWith('##')) return { kind: 'text', text: value.slice(1) };
  if (value.startsWith('#') || value.includes('[~]')) return { kind: 'other', text: value };
  return { kind: 'text', text: value };
}
