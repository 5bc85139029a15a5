/** Where a version stands in a name or an address, and how it is spelled there (the words of an address template). */
export interface VersionPlace {
  readonly start: number;
  readonly end: number;
  /** Of an address template: `version`, `version2Underscore`. */
  readonly placeholder: string;
}

const SPELLINGS: readonly (readonly [string, string])[] = [
  ['', '.'],
  ['Underscore', '_'],
  ['Dash', '-'],
  ['NoDots', ''],
];

/** Every place, from left to right; the longest spelling wins, and no place is inside a longer number. */
export function placesOfVersion(text: string, version: string): readonly VersionPlace[] {
  const spellings = spellingsOf(version);
  const places: VersionPlace[] = [];
  let at = 0;
  while (at < text.length) {
    const found = spellings.find(([, spelled]) => standsAt(text, at, spelled));
    if (found === undefined) at += 1;
    else {
      const [placeholder, spelled] = found;
      places.push({ start: at, end: at + spelled.length, placeholder });
      at += spelled.length;
    }
  }
  return places;
}

/** What tells a version from any number in a name: two parts, or three digits. */
function spellingsOf(version: string): readonly (readonly [string, string])[] {
  const parts = version.split('.');
  const spelled = ['version', 'version3', 'version2'].flatMap((base) => {
    const kept = base === 'version' ? parts : parts.slice(0, Number(base.at(-1)));
    if (base !== 'version' && kept.length >= parts.length) return [];
    return SPELLINGS.map(([suffix, separator]) => [`${base}${suffix}`, kept.join(separator)] as const);
  });
  const core = ['versionCore', version.replace(/[-+].*$/s, '')] as const;
  const trimmed = ['versionTrim', version.replace(/(?:\.0+)+$/, '')] as const;
  const longest = [...spelled, core, trimmed]
    .filter(([, text]) => /^\d+[^\d]+\d/.test(text) || /^v?\d{3,}/i.test(text))
    .sort(([, a], [, b]) => b.length - a.length);
  return longest.filter(([, text], index) => longest.findIndex(([, other]) => other === text) === index);
}

function standsAt(text: string, at: number, spelled: string): boolean {
  if (!text.startsWith(spelled, at)) return false;
  const [before, after] = [text[at - 1] ?? '', text[at + spelled.length] ?? ''];
  const isCut = /\d/.test(before) || (/\d$/.test(spelled) && /\d/.test(after));
  const isPart = /^\.\d/.test(text.slice(at + spelled.length)) || /\d\.$/.test(text.slice(0, at));
  return !isCut && !isPart;
}

/** Whether two texts mean one version: leading zeros of a part and zeros at the end say nothing. */
export function isSameVersion(a: string, b: string): boolean {
  return essenceOf(a) === essenceOf(b);
}

function essenceOf(version: string): string {
  return version
    .trim()
    .toLowerCase()
    .replace(/^v(?=\d)/, '')
    .split('.')
    .map((part) => part.replace(/^0+(?=\d)/, ''))
    .join('.')
    .replace(/(?:\.0)+$/, '');
}
