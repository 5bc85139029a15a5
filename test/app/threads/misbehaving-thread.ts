import { parentPort } from 'node:worker_threads';
import type { ThreadRequest } from '../../../src/app/threads/protocol.js';

/** A compute thread that does what its input says; `echo` is what a good one does. */
parentPort?.on('message', ({ id, input }: ThreadRequest) => {
  const { path } = input as { readonly path: string };
  if (path === 'hang') for (;;);
  if (path === 'exit') process.exit(3);
  if (path === 'throw') throw new Error('a bug');
  if (path === 'memory') {
    const kept: number[][] = [];
    for (;;) kept.push(new Array<number>(4_000_000).fill(0.5));
  }
  parentPort?.postMessage({ id, output: path });
});
