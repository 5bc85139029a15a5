import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describeFault } from '../../core/errors.js';

/** What every command takes. */
export interface OutputOptions {
  readonly json?: boolean;
  readonly jsonFile?: string;
}

/** Exit codes: 0 done, 1 the answer is no (findings, something not verified), 2 it could not be done. */
export const EXIT = { ok: 0, negative: 1, fault: 2 } as const;

/** One JSON document for machines, or text for people. */
export function show(options: OutputOptions, value: unknown, text: () => string): void {
  if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(value, null, 2)}\n`);
  if (options.json === true) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  else process.stdout.write(`${text()}\n`);
}

/** The first lines for people, and how many more there are: machines are told all. */
export function firstOf(lines: readonly string[], most: number): readonly string[] {
  const rest = lines.length - most;
  return rest <= 0 ? lines : [...lines.slice(0, most), `           ${rest} more (--json has all)`];
}

/** A fault ends the command with a line that says what to do. */
export async function reportingFaults(body: () => Promise<number>): Promise<void> {
  // `| head` closes the pipe when it has seen enough: that is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    process.exitCode = await body();
  } catch (error) {
    process.stderr.write(`${describeFault(error)}\n`);
    process.exitCode = EXIT.fault;
  }
}

export function withOutput(one: Command): Command {
  return one
    .option('--json', 'one JSON document on standard output')
    .option('--json-file <file>', 'the same, written to a file');
}
