import { yamlOf } from '../answer.js';
import { createDocumentReader } from '../document.js';

/** Versions at a path of a YAML document. */
export const yaml = createDocumentReader({
  type: 'yaml',
  accept: 'application/yaml, text/yaml;q=0.9, */*;q=0.1',
  decode: yamlOf,
});
