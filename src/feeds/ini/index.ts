import { keyValuesOf } from '../answer.js';
import { createDocumentReader } from '../document.js';

/** The version under `section.name` of an INI file. */
export const ini = createDocumentReader({
  type: 'ini',
  accept: 'text/plain, */*;q=0.1',
  decode: keyValuesOf,
});
