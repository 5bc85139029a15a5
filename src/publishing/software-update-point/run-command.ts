import { spawn } from 'node:child_process';
import { PermanentError, printable, RetryableError } from '../../core/errors.js';

export interface CommandOptions {
  /** Program and arguments; never given to a shell. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
}

export interface Finished {
  /** Null: ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  /** Its beginning, for people. */
  readonly stderr: string;
}

const MAX_STDOUT_BYTES = 16 << 20;
const MAX_STDERR_BYTES = 8 << 10;

/**
 * Runs a program once with `input` on its standard input. PermanentError `configuration.invalid` where it cannot be
 * started, `protocol.violation` where it says too much; RetryableError `target.unreachable` where it does not end in time.
 */
export function runCommand(options: CommandOptions, input: string, signal: AbortSignal): Promise<Finished> {
  const [program, ...words] = options.command;
  if (signal.aborted) return Promise.reject(unreachable(program, 'the turn was taken away'));
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'], shell: false, windowsHide: true });
    const stdout = collector(MAX_STDOUT_BYTES);
    const stderr = collector(MAX_STDERR_BYTES);
    let fault: Error | null = null;
    const giveUp = (error: Error): void => {
      fault ??= error;
      child.kill('SIGKILL');
    };
    const onAbort = (): void => giveUp(unreachable(program, 'the turn was taken away'));
    const timer = setTimeout(() => giveUp(tooLate(program, options.timeoutMs)), options.timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    child.stdout.on('data', (piece: Buffer) => {
      if (!stdout.add(piece)) giveUp(tooMuch(program));
    });
    child.stderr.on('data', (piece: Buffer) => stderr.add(piece));
    // A program that ends before it has read everything: its exit tells more.
    child.stdin.on('error', () => undefined);
    child.once('error', (cause) => end(() => reject(fault ?? notStarted(program, cause))));
    child.once('close', (exitCode) =>
      end(() => {
        if (fault !== null) reject(fault);
        else
          resolve({
            exitCode,
            stdout: stdout.bytes(),
            stderr: printable(stderr.bytes().toString('utf8').trim()),
          });
      }),
    );
    child.stdin.end(input);
  });
}

function collector(maxBytes: number) {
  const pieces: Buffer[] = [];
  let length = 0;
  return {
    /** False when there is more than is taken; what is too much is dropped. */
    add(piece: Buffer): boolean {
      const room = maxBytes - length;
      pieces.push(piece.subarray(0, room));
      length += Math.min(piece.length, room);
      return piece.length <= room;
    },
    bytes: () => Buffer.concat(pieces),
  };
}

function notStarted(program: string, cause: Error): PermanentError {
  return new PermanentError('configuration.invalid', 'the bridge command cannot be started', {
    where: program,
    found: cause.message,
    nextStep: 'correct `softwareUpdatePoint.command` in the settings: program and arguments, one entry each',
    cause,
  });
}

function tooLate(program: string, timeoutMs: number): RetryableError {
  return unreachable(program, `no end within ${timeoutMs / 1000} seconds`);
}

/** What was asked for may have been done all the same: the next turn asks first. */
function unreachable(program: string, found: string): RetryableError {
  return new RetryableError(
    'target.unreachable',
    'the Software Update Point does not answer through the bridge',
    {
      where: program,
      expected: 'one JSON result',
      found,
      nextStep: 'nothing at first; if it lasts, run the `probe` of docs/windows-bridge.md by hand',
    },
  );
}

function tooMuch(program: string): PermanentError {
  return new PermanentError('protocol.violation', 'the far side of the bridge says more than a result', {
    where: program,
    expected: `at most ${MAX_STDOUT_BYTES} bytes`,
    nextStep: 'look what the command writes to its standard output besides the result',
  });
}
