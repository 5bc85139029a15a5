import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '../../core/ports.js';

const LOOK_MS = 100;
const MOVING = ['ready', 'running', 'waiting'] as const;

/** Until nothing is left to do, or the deadline: false then. Work that waits for a later time counts as left. */
export async function waitUntilAtRest(ledger: Ledger, deadline: Date): Promise<boolean> {
  for (;;) {
    const moving = await ledger.work({ states: MOVING });
    if (moving.length === 0 && (await ledger.undelivered(1)).length === 0) return true;
    if (Date.now() > deadline.getTime()) return false;
    await pause(LOOK_MS);
  }
}
