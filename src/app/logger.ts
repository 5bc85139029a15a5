import { mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import { printable } from '../core/errors.js';
import type { Log } from '../core/ports.js';

/** One logger; children carry stage, key, product, version. Messages are constant, facts are fields, secrets never fields. */
export function createLog(options: { level: string; file?: string }): Log {
  const destination = lineWriter(options.file);
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['password', 'token', '*.password', '*.token', 'headers.authorization'],
        censor: '[secret]',
      },
      formatters: { log: (facts) => Object.fromEntries(Object.entries(facts).map(([k, v]) => [k, tidy(v)])) },
    },
    destination,
  );
}

/**
 * Writes line by line and drops what cannot be written: pino's own destination ends the process when the disk is full, and
 * then waits for space for ever.
 */
function lineWriter(file: string | undefined): { write(line: string): void } {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true });
  const descriptor = file === undefined ? process.stderr.fd : openSync(file, 'a', 0o600);
  return {
    write(line) {
      try {
        writeSync(descriptor, line);
      } catch {
        // The work goes on; what it does is in the ledger.
      }
    },
  };
}

function tidy(value: unknown): unknown {
  return typeof value === 'string' ? printable(value, 4000) : value;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
