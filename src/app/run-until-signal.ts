import { describeFault } from '../core/errors.js';

const FORCE_AFTER_MS = 20_000;

/** Runs until the process is asked to end; a second request ends it at once. A fault at the start is one clear line. */
export function runUntilSignal(start: () => Promise<{ close(): Promise<void> }>): void {
  start().then(
    ({ close }) => {
      let ending = false;
      const end = (): void => {
        if (ending) process.exit(130);
        ending = true;
        setTimeout(() => process.exit(1), FORCE_AFTER_MS).unref();
        close().then(
          () => process.exit(0),
          (error: unknown) => fail(error),
        );
      };
      process.on('SIGINT', end);
      process.on('SIGTERM', end);
    },
    (error: unknown) => fail(error),
  );
}

function fail(error: unknown): never {
  process.stderr.write(`${describeFault(error)}\n`);
  process.exit(2);
}
