/** Of the vendor's words no more is looked through, and of ids no more is taken: a list of all time tells nothing. */
const LONGEST_NOTES = 65_536;
const MOST_IDS = 50;
const CVE_ID = /\bCVE-(\d{4})-(\d{4,19})\b/gi;

/** Ids that release notes name, in upper case, each once, the oldest first. The rest of the notes is not taken over. */
export function cveIdsIn(notes: string | null | undefined): readonly string[] {
  const found = new Set<string>();
  for (const match of (notes ?? '').slice(0, LONGEST_NOTES).matchAll(CVE_ID))
    found.add(match[0].toUpperCase());
  return sortCveIds(found).slice(0, MOST_IDS);
}

export function sortCveIds(ids: Iterable<string>): readonly string[] {
  const key = (id: string): string =>
    id
      .split('-')
      .map((part) => part.padStart(19, '0'))
      .join('-');
  return [...new Set(ids)].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
