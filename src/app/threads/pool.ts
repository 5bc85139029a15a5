import { Worker } from 'node:worker_threads';
import { RetryableError } from '../../core/errors.js';
import type { Compute } from '../../core/ports.js';
import { liftFault, liftOutput, type ThreadAnswer, type ThreadRequest } from './protocol.js';

interface Pending {
  readonly request: ThreadRequest;
  readonly resolve: (output: never) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  busyWith: Pending | null;
  timer: NodeJS.Timeout | null;
}

/**
 * CPU work on foreign bytes, off the event loop so that leases are always renewed. A thread that does not answer in
 * time, or dies of what it was fed, is thrown away; its work fails, the others go on.
 */
export function createComputePool(options: {
  threads: number;
  timeoutMs: number;
  /** Of the thread; tests bring one that misbehaves. */
  entry?: URL;
}): Compute & { close(): Promise<void> } {
  const idle: Thread[] = [];
  const all = new Set<Thread>();
  const queue: Pending[] = [];
  const entry = options.entry ?? new URL('./thread.js', import.meta.url);
  let nextId = 1;
  let isClosed = false;

  function startThread(): Thread {
    const worker = new Worker(entry, {
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    const thread: Thread = { worker, busyWith: null, timer: null };
    worker.on('message', (answer: ThreadAnswer) => settle(thread, answer));
    worker.on('error', (error) => abandon(thread, `the thread ended: ${error.message}`));
    worker.on('exit', (code) => abandon(thread, `the thread ended with ${code}`));
    worker.unref();
    all.add(thread);
    return thread;
  }

  function settle(thread: Thread, answer: ThreadAnswer): void {
    const pending = release(thread);
    if (pending === null || pending.request.id !== answer.id) return;
    idle.push(thread);
    if ('fault' in answer) pending.reject(liftFault(answer.fault));
    else pending.resolve(liftOutput(pending.request.task, answer.output) as never);
    dispatch();
  }

  function abandon(thread: Thread, found: string): void {
    const pending = release(thread);
    all.delete(thread);
    const place = idle.indexOf(thread);
    if (place >= 0) idle.splice(place, 1);
    void thread.worker.terminate();
    if (pending !== null) giveUp(pending, found);
    dispatch();
  }

  function giveUp(pending: Pending, found: string): void {
    pending.reject(
      new RetryableError('compute.timeout', 'the work on a file was given up', {
        where: pending.request.task,
        expected: `an answer within ${options.timeoutMs / 1000} seconds`,
        found,
      }),
    );
  }

  function release(thread: Thread): Pending | null {
    if (thread.timer !== null) clearTimeout(thread.timer);
    thread.timer = null;
    const pending = thread.busyWith;
    thread.busyWith = null;
    thread.worker.unref();
    return pending;
  }

  function dispatch(): void {
    while (isClosed && queue.length > 0) {
      const pending = queue.shift();
      if (pending !== undefined) giveUp(pending, 'the end of the program');
    }
    while (queue.length > 0 && (idle.length > 0 || all.size < options.threads)) {
      const pending = queue.shift();
      if (pending === undefined) return;
      const thread = idle.pop() ?? startThread();
      thread.busyWith = pending;
      thread.worker.ref();
      thread.timer = setTimeout(() => abandon(thread, 'no answer in time'), options.timeoutMs);
      thread.worker.postMessage(pending.request);
    }
  }

  return {
    run(task, input) {
      return new Promise((resolve, reject) => {
        queue.push({ request: { id: nextId++, task, input }, resolve, reject });
        dispatch();
      });
    },
    async close() {
      isClosed = true;
      dispatch();
      await Promise.all([...all].map((thread) => thread.worker.terminate()));
    },
  };
}
