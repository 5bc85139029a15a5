import { parentPort } from 'node:worker_threads';
import { carryFault, type ThreadAnswer, type ThreadRequest } from './protocol.js';
import { runTask } from './tasks.js';

/** The entry of a compute thread: one request, one answer. What a hostile file does to it, it does to this thread only. */
parentPort?.on('message', (request: ThreadRequest) => {
  parentPort?.postMessage(answer(request));
});

function answer({ id, task, input }: ThreadRequest): ThreadAnswer {
  try {
    // The pool's `run` has typed the pair; the thread boundary loses it.
    return { id, output: runTask(task, input as never) };
  } catch (error) {
    return { id, fault: carryFault(error) };
  }
}
