import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeFault, PermanentError } from '../../core/errors.js';

export interface NodeChild<Ready> {
  readonly ready: Ready;
  readonly pid: number;
  /** Tells the child something; done when the child has done it. PermanentError `internal` when it fails or has ended. */
  send(message: unknown): Promise<void>;
  /** Called when the child ends without being asked to. */
  onUnexpectedEnd(listener: (code: number | null) => void): void;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;

/**
 * Starts one of our own mains as a process of its own and waits for its `{ready: ...}` message. The child ends by
 * itself when the channel to us closes (see `endWithParent`), also when we are killed.
 */
export async function startNodeChild<Ready>(main: string, configuration: unknown): Promise<NodeChild<Ready>> {
  const child = fork(fileURLToPath(new URL(`../mains/${main}.js`, import.meta.url)), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--enable-source-maps'],
    serialization: 'advanced',
  });
  const ready = await firstMessage<Ready>(main, child, configuration);
  let stopping = false;
  const send = createSender(main, child);
  return {
    ready,
    pid: child.pid ?? 0,
    send,
    onUnexpectedEnd: (listener) =>
      child.once('exit', (code) => {
        if (!stopping) listener(code);
      }),
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((done) => child.once('exit', done));
      if (child.connected) child.disconnect();
      const forced = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(forced);
    },
  };
}

interface Told {
  readonly number: number;
  readonly message: unknown;
}

interface Done {
  readonly number: number;
  /** Null: it went well. */
  readonly fault: string | null;
}

/** Numbers what is told, so that each answer finds who waits for it. */
function createSender(main: string, child: ChildProcess): (message: unknown) => Promise<void> {
  const waiting = new Map<number, (fault: string | null) => void>();
  let count = 0;
  child.on('message', ({ number, fault }: Done) => {
    waiting.get(number)?.(fault);
    waiting.delete(number);
  });
  child.once('exit', () => {
    for (const settle of waiting.values()) settle('it has ended');
    waiting.clear();
  });
  return (message) =>
    new Promise((resolve, reject) => {
      const fail = (found: string): void =>
        reject(new PermanentError('internal', `the ${main} process did not do what it was told`, { found }));
      if (!child.connected) return fail('it has ended');
      count += 1;
      waiting.set(count, (fault) => (fault === null ? resolve() : fail(fault)));
      child.send({ number: count, message } satisfies Told as never);
    });
}

/** The child's side: does what it is told, and says so. */
function answer<Message>(receive: (message: Message) => void): (told: Told) => void {
  return ({ number, message }) => {
    let fault: string | null = null;
    try {
      receive(message as Message);
    } catch (error) {
      fault = describeFault(error);
    }
    process.send?.({ number, fault } satisfies Done);
  };
}

function firstMessage<Ready>(main: string, child: ChildProcess, configuration: unknown): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const fail = (found: string): void =>
      reject(
        new PermanentError('internal', `the ${main} process did not start`, {
          found,
          nextStep: 'its own message is above',
        }),
      );
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`no answer within ${READY_TIMEOUT_MS / 1000} seconds`);
    }, READY_TIMEOUT_MS);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`it ended with ${code ?? signal}`);
    });
    child.once('message', (message: { ready: Ready }) => {
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve(message.ready);
    });
    child.send(configuration as never);
  });
}

/**
 * In a child: run with the configuration that the parent sends, report ready, take what it sends afterwards, end with the
 * parent.
 */
export function runAsNodeChild<Configuration, Message = never>(
  start: (configuration: Configuration) => Promise<{
    readonly ready: unknown;
    readonly receive?: (message: Message) => void;
    readonly close: () => Promise<void>;
  }>,
): void {
  process.once('message', (configuration: Configuration) => {
    start(configuration).then(
      ({ ready, receive, close }) => {
        if (receive !== undefined) process.on('message', answer(receive));
        process.send?.({ ready });
        process.once('disconnect', () => {
          close().finally(() => process.exit(0));
          setTimeout(() => process.exit(0), 3000).unref();
        });
      },
      (error: unknown) => {
        process.stderr.write(`${describeFault(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.once('disconnect', () => setTimeout(() => process.exit(0), 3500).unref());
  // Ctrl-C goes to the whole foreground group; the parent decides when we end.
  process.on('SIGINT', () => undefined);
}
