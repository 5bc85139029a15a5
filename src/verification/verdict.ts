import type { RuleTrace, UpdateEvaluation } from '../core/evaluate.js';
import type { ApplicabilityState } from '../core/machine.js';
import type { CoreFacts } from './metadata.js';

/** An update that a client has been told of, with what its own rules say of the machine. */
export interface KnownUpdate {
  readonly revisionId: number;
  readonly action: string;
  readonly core: CoreFacts;
  readonly evaluation: UpdateEvaluation;
  /** Of a driver: what it is to the devices. */
  readonly driver?: Verdict;
}

export interface Verdict {
  readonly state: ApplicabilityState | 'superseded';
  readonly why: string;
  /** True: it rests on something that the machine does not tell, or on a rule that is not known. */
  readonly unknown: boolean;
  /** The update that takes its place. */
  readonly supersededBy?: string;
}

/** Deeper chains are no catalog's: what hangs on them is not offered. */
const MAX_DEPTH = 500;

/**
 * What a client concludes of all updates together, by revision ([MS-WUSP] 3.1.1.1): prerequisites first (AND of ORs, each
 * installed), then the update's own rules, a bundle from its members, and at last who takes whose place. Pure.
 */
export function judgeUpdates(updates: readonly KnownUpdate[]): ReadonlyMap<number, Verdict> {
  const newest = newestOf(updates);
  const verdicts = new Map<string, Verdict>();
  const judge = (id: string, depth: number): Verdict | null => {
    const update = newest.get(id);
    const known = verdicts.get(id);
    if (update === undefined || known !== undefined) return known ?? null;
    // Until it is judged: what needs itself is not installed.
    verdicts.set(id, notApplicable('it depends on itself'));
    const verdict =
      depth > MAX_DEPTH
        ? notApplicable('its prerequisites are nested too deep')
        : judgeOne(update, (other) => judge(other, depth + 1));
    verdicts.set(id, verdict);
    return verdict;
  };
  for (const id of newest.keys()) judge(id, 0);
  const superseding = supersedingOf([...newest.values()], verdicts);
  return new Map(
    updates.map((update) => {
      const { updateId } = update.core;
      if (newest.get(updateId) !== update)
        return [update.revisionId, notApplicable('a newer revision is known')];
      const verdict = verdicts.get(updateId) ?? notApplicable('it was not judged');
      return [update.revisionId, withoutSuperseded(update, verdict, superseding.get(updateId) ?? [])];
    }),
  );
}

function newestOf(updates: readonly KnownUpdate[]): ReadonlyMap<string, KnownUpdate> {
  const newest = new Map<string, KnownUpdate>();
  for (const update of updates) {
    const known = newest.get(update.core.updateId);
    if (known === undefined || known.core.revision < update.core.revision)
      newest.set(update.core.updateId, update);
  }
  return newest;
}

type Judge = (updateId: string) => Verdict | null;

function judgeOne(update: KnownUpdate, judge: Judge): Verdict {
  const { core, evaluation } = update;
  const missing = core.prerequisites.find((clause) => !clause.some((id) => judge(id)?.state === 'installed'));
  if (missing !== undefined) {
    return notApplicable(`a prerequisite is not installed: ${missing.join(' or ') || 'an empty list'}`);
  }
  if (update.driver !== undefined) return update.driver;
  if (core.bundled.length === 0) return verdictOf(evaluation);
  const { isInstalled, isInstallable } = core.rules;
  const own = isInstalled === null && isInstallable === null ? [] : [verdictOf(evaluation)];
  return joined([...own, ...core.bundled.map((clause) => judgeClause(clause, judge))]);
}

/** Of the members of a clause one is enough: required where one is, installed where one is and none is required. */
function judgeClause(clause: readonly string[], judge: Judge): Verdict {
  const members = clause.map((id) => ({ id, verdict: judge(id) }));
  const unknown = members.some(({ verdict }) => verdict?.unknown === true);
  for (const state of ['required', 'installed'] as const) {
    const found = members.find(({ verdict }) => verdict?.state === state);
    if (found !== undefined) return { state, why: `its member ${found.id} is ${state}`, unknown };
  }
  const told = members.filter(({ verdict }) => verdict !== null).length;
  return told === 0
    ? { ...notApplicable('the server has not told of its members'), unknown: true }
    : { ...notApplicable(`none of its members applies: ${clause.join(', ')}`), unknown };
}

/** All clauses must apply; the bundle is installed where nothing of them is left to do. */
function joined(clauses: readonly Verdict[]): Verdict {
  const is = (wanted: Verdict['state']) => clauses.find(({ state }) => state === wanted);
  const decisive = is('notApplicable') ?? is('required') ?? is('installed');
  return decisive === undefined
    ? notApplicable('it has no members')
    : { ...decisive, unknown: clauses.some(({ unknown }) => unknown) };
}

function verdictOf(evaluation: UpdateEvaluation): Verdict {
  const { state, isSuperseded, isInstallable, unknown, trace } = evaluation;
  if (state === 'installed') return { state, why: 'IsInstalled is true', unknown };
  if (state === 'required') return { state, why: 'IsInstalled is false and IsInstallable is true', unknown };
  if (isSuperseded && isInstallable) return { state: 'superseded', why: 'IsSuperseded is true', unknown };
  if (unknown) return { state, why: `not known: ${doubtsOf(trace).join('; ')}`, unknown };
  const why = trace.isInstallable === null ? 'it has no rule IsInstallable' : 'IsInstallable is false';
  return { state, why: trace.isInstalled === null ? why : `IsInstalled is false and ${why}`, unknown };
}

/** The leaves that could not be answered. */
function doubtsOf(trace: UpdateEvaluation['trace']): readonly string[] {
  const found = new Set<string>();
  const walk = (rule: RuleTrace | null): void => {
    if (rule === null || !rule.unknown) return;
    if (rule.children.length === 0) found.add(`${rule.kind} (${rule.found ?? 'no answer'})`);
    for (const child of rule.children) walk(child);
  };
  for (const group of [trace.isInstalled, trace.isSuperseded, trace.isInstallable]) walk(group);
  return [...found].slice(0, 5);
}

/** Who could take an update's place, by its id: what is itself needed or installed. */
function supersedingOf(
  updates: readonly KnownUpdate[],
  verdicts: ReadonlyMap<string, Verdict>,
): ReadonlyMap<string, readonly KnownUpdate[]> {
  const superseding = new Map<string, KnownUpdate[]>();
  for (const update of updates) {
    const state = verdicts.get(update.core.updateId)?.state;
    if (state !== 'required' && state !== 'installed') continue;
    for (const id of update.core.supersedes) superseding.set(id, [...(superseding.get(id) ?? []), update]);
  }
  return superseding;
}

const FOR_INSTALLATION: ReadonlySet<string> = new Set(['Install', 'OptionalInstall', 'Bundle']);

/** What may only be looked at takes nobody's place that may be installed. */
function withoutSuperseded(
  update: KnownUpdate,
  verdict: Verdict,
  superseding: readonly KnownUpdate[],
): Verdict {
  if (verdict.state !== 'required') return verdict;
  const mayTakeIt = (other: KnownUpdate) =>
    other !== update && (FOR_INSTALLATION.has(other.action) || !FOR_INSTALLATION.has(update.action));
  const successor = superseding.find(mayTakeIt)?.core.updateId;
  return successor === undefined
    ? verdict
    : { ...verdict, state: 'superseded', why: `superseded by ${successor}`, supersededBy: successor };
}

function notApplicable(why: string): Verdict {
  return { state: 'notApplicable', why, unknown: false };
}
