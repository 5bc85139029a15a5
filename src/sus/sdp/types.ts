import { type Check, length, TYPES } from '../rules/checks.js';

/** What we write is narrower than what the schema allows, so that two documents that mean the same are the same. */
export const LOWER_GUID: Check = (text) =>
  TYPES.guid(text) === null && text === text.toLowerCase() ? null : 'a GUID in lower case without braces';

/** The site compares CreationDate as text with its manifest (configmgr-catalog 1.4). */
export const OUR_DATE: Check = (text) =>
  TYPES.date(text) === null && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? null : 'YYYY-MM-DDTHH:MM:SSZ';

/** The name of a file, no path: it ends in a folder and in a command line on a client. */
export const FILE_NAME: Check = (text) => {
  const isName = !/[\\/:*?"<>|\p{Cc}]/u.test(text) && !/^\.{1,2}$|[. ]$/.test(text);
  return isName ? length(1, 256)(text) : 'a file name without a path';
};

/** A site downloads over HTTPS only. */
export const HTTPS_URL: Check = (text) =>
  text.startsWith('https://') ? TYPES.httpUrl(text) : 'an https address of at most 2083 characters';

/** `NAME=VALUE` or `NAME="a b"`, nothing else: no switches (configmgr-catalog 3.1). */
export const MSI_PROPERTIES: Check = (text) => {
  const words = text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  const areProperties = words.every((word) => /^[A-Za-z_][A-Za-z0-9_.]*=(?:"[^"]*"|[^\s"]*)$/.test(word));
  return areProperties ? length(1, 32_768)(text) : 'NAME=VALUE pairs, no switches';
};
