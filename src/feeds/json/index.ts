import { jsonOf } from '../answer.js';
import { createDocumentReader } from '../document.js';

/** Versions at a path of a JSON document. */
export const json = createDocumentReader({ type: 'json', accept: 'application/json', decode: jsonOf });
