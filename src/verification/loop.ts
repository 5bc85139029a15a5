/** How many computers reported what of one update at one time, and how often it was installed up to then. */
export interface Tally {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly required: number;
  /** Installations that were reported as done, in all. */
  readonly installs: number;
}

export type LoopVerdict =
  | { readonly isLoop: false }
  | { readonly isLoop: true; readonly reason: string; readonly nextStep: string };

/** Fewer may be computers that were new on that day. */
const MIN_INSTALLS = 3;
const MIN_ROUNDS = 2;

/**
 * Whether computers install an update and then need it again: its detection does not see what its installer leaves. Where
 * installs are reported in at least two rounds, at least three in all and at least as many as computers need it, and the
 * number that need it has fallen in none of them, it is a loop. Tallies in any order. Pure.
 */
export function detectLoop(tallies: readonly Tally[]): LoopVerdict {
  const ordered = [...tallies].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  let from = ordered[0];
  let rounds = 0;
  for (const [index, tally] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before === undefined) continue;
    if (tally.required < before.required || tally.required === 0) {
      from = tally;
      rounds = 0;
    } else if (tally.installs > before.installs) rounds += 1;
  }
  const last = ordered.at(-1);
  if (from === undefined || last === undefined) return { isLoop: false };
  const installs = last.installs - from.installs;
  if (rounds < MIN_ROUNDS || installs < Math.max(MIN_INSTALLS, last.required)) return { isLoop: false };
  return {
    isLoop: true,
    reason: `installed ${installs} times since ${from.at}, and ${last.required} computers still need it (${from.required} then)`,
    nextStep: 'hold the update, and compare its detection with what the installer writes on such a computer',
  };
}
