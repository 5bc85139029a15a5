import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bufferSource } from '../../../src/core/bytes.js';
import { PermanentError } from '../../../src/core/errors.js';
import { verifyCatalog } from '../../../src/publishing/configmgr-catalog/verify/index.js';
import { runProgram } from '../../formats/programs.js';

const CHECKER = join(process.cwd(), '../shared/tools/catalog_check.py');

/** What our own check finds, but for notes. */
export function rulesIn(bytes: Buffer): readonly string[] {
  try {
    const { findings } = verifyCatalog(bufferSource(bytes));
    return findings.filter(({ level }) => level !== 'note').map(({ rule }) => rule);
  } catch (error) {
    if (error instanceof PermanentError) return ['cab.sound'];
    throw error;
  }
}

/** What the independent checker says; null where the program or its modules are not here. */
export function checkedElsewhere(path: string): 'sound' | 'faulty' | null {
  const run = existsSync(CHECKER) ? runProgram('/usr/bin/python3', [CHECKER, path], process.cwd()) : null;
  if (run === null || /ModuleNotFoundError|cabextract'/.test(run.output)) return null;
  return run.status === 0 ? 'sound' : 'faulty';
}
