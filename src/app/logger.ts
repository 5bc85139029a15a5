import { pino } from 'pino';
import { printable } from '../core/errors.js';
import type { Log } from '../core/ports.js';

/** One logger; children carry stage, key, product, version. Messages are constant, facts are fields, secrets never fields. */
export function createLog(options: { level: string; file?: string }): Log {
  const destination =
    options.file === undefined
      ? pino.destination({ dest: 2, sync: false })
      : pino.destination({ dest: options.file, mkdir: true, sync: false });
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
