import type { Turn } from '../../../workers/runner.js';
import { printable } from '../../core/errors.js';

export interface Progress {
  /** A step of the set-up or of the lab. */
  step(text: string): void;
  turn(turn: Turn): void;
}

/** One line per event: readable on a terminal and in a log file alike. */
export function createProgress(out: NodeJS.WritableStream & { isTTY?: boolean }): Progress {
  const startedAt = performance.now();
  const colour = out.isTTY === true && process.env.NO_COLOR === undefined;
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const line = (mark: string, place: string, text: string): void => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
    out.write(`${paint(2, seconds)} ${mark} ${place.padEnd(12)} ${text}\n`);
  };
  return {
    step: (text) => line(paint(36, '-'), 'lab', text),
    turn({ work, state, reason }) {
      const about = [work.product, work.version, work.variant].filter((part) => part !== null).join(' ');
      const text = printable([about, reason].filter(Boolean).join(': '));
      if (state === 'failed') line(paint(31, 'x'), work.stage, text);
      else if (state === 'held') line(paint(33, '!'), work.stage, text);
      else if (state === 'done') line(paint(32, '+'), work.stage, text);
      else line(paint(2, '.'), work.stage, text);
    },
  };
}
