import { type AnswerWriter, textAnswer } from '../answer.js';
import { versionText } from './documents.js';

/** The address of the newest file, to which a fixed one leads: at the vendor's own host. */
export const writeRedirect: AnswerWriter = (feed, release, url) => {
  const text = versionText(feed, release);
  if (text === null) return [];
  const places = [`/${text}`, `/files/${text}/download`, text].filter((place) =>
    URL.canParse(place, url.href),
  );
  return places
    .map((place) => new URL(place, url))
    .filter(({ protocol, username }) => protocol === 'https:' && username === '')
    .map(({ href }) => ({ kind: 'redirect' as const, location: href }));
};

/** What the stand-in for a file of that version holds. */
export const STAND_IN_FILE = /^MZ stand-in for (.+)$/m;

/** A file at a fixed address: only its validators show that it is another one. */
export const writeStaticDownload: AnswerWriter = (_feed, release) => [
  textAnswer(`MZ stand-in for ${release.version}\n`),
];
