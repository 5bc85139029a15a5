import { setTimeout as pause } from 'node:timers/promises';
import type { Operations } from '../../operations/operations.js';
import type { SyncProgress, SyncStarted } from '../../operations/sync.js';

const LOOK_MS = 1000;

/** Counts on one line of a terminal until every feed was asked; a feed that must be asked again later counts as asked. */
export async function followSync(
  operations: Pick<Operations, 'syncProgress'>,
  started: Pick<SyncStarted, 'syncId' | 'productIds'>,
  screen: { readonly isTTY?: boolean; write(text: string): unknown },
): Promise<SyncProgress> {
  const beganMs = performance.now();
  const all = started.productIds.length;
  for (;;) {
    const progress = await operations.syncProgress(started.syncId);
    const seconds = (performance.now() - beganMs) / 1000;
    const line = lineOf(all, progress, seconds);
    screen.write(screen.isTTY === true ? `\r\u001b[2K${line}` : `${line}\n`);
    if (endedOf(progress) >= all) {
      if (screen.isTTY === true) screen.write('\n');
      return progress;
    }
    await pause(LOOK_MS);
  }
}

function lineOf(all: number, progress: SyncProgress, seconds: number): string {
  const ended = endedOf(progress);
  const rate = seconds === 0 ? 0 : ended / seconds;
  const left = rate === 0 ? '' : `, about ${Math.ceil((all - ended) / rate)} s left`;
  return `${ended} of ${all} feeds asked, ${rate.toFixed(1)}/s${left}; ${stopped(progress)}`;
}

/** The end in words. */
export function progressText(
  { productIds }: Pick<SyncStarted, 'productIds'>,
  progress: SyncProgress,
): string {
  return `${endedOf(progress)} of ${productIds.length} feeds were asked; ${stopped(progress)}. What is new goes on by itself: patchpress status`;
}

function endedOf({ done = 0, held = 0, failed = 0, waiting = 0, retrying = 0 }: SyncProgress): number {
  return done + held + failed + waiting + retrying;
}

function stopped({ held = 0, failed = 0, waiting = 0, retrying = 0 }: SyncProgress): string {
  return `${failed} failed, ${held} held, ${waiting + retrying} are tried again later`;
}
