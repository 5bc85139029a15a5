import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Policy } from '../core/decide.js';
import { PermanentError } from '../core/errors.js';
import { parseYaml } from '../text/yaml.js';

export function loadPolicy(file: string): Policy {
  return decodePolicy(parseYaml(readFileSync(file, 'utf8')), file);
}
