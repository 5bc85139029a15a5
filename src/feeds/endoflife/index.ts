import { jsonOf } from '../answer.js';
import { createDocumentReader } from '../document.js';

/** A product at endoflife.date: the latest version of each cycle, the newest cycle first. */
export const endoflife = createDocumentReader({
  type: 'endoflife',
  accept: 'application/json',
  decode: jsonOf,
  usualPath: '$[*].latest',
});
