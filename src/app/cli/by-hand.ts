import { createInterface } from 'node:readline/promises';
import { PermanentError } from '../../core/errors.js';
import type { Plan } from '../../core/plan.js';
import type { Performed, VerbRequest } from '../../operations/verbs/request.js';
import { type CommandContext, openContext } from './context.js';
import { EXIT, type OutputOptions, show } from './output.js';
import { planText } from './plan-text.js';
import { carriedOn, operatorName } from './sync.js';

/** What every command takes that changes something by hand. */
export interface ByHandOptions extends OutputOptions {
  readonly reason?: string;
  /** Says what would happen, and does nothing. */
  readonly preview?: boolean;
  /** The digest that a preview named: refused when something else stands now. */
  readonly plan?: string;
  readonly requestId?: string;
  /** Does not ask on a terminal. */
  readonly yes?: boolean;
}

/** `republish`, `promote`, `expire`, `rollback`, `hold`, `approve`, `disown`: shows the plan, asks on a terminal, and carries it out once. */
export async function byHand(what: VerbRequest, options: ByHandOptions): Promise<number> {
  const context = await openContext();
  try {
    if (options.preview === true) {
      const plan = await context.operations.preview(what);
      show(options, plan, () => `${planText(plan)}\n\nNothing was done: this is a preview.`);
      return EXIT.ok;
    }
    const reason = requireReason(options);
    const plan = await confirmed(context, what, options);
    if (plan === 'no') return EXIT.negative;
    const done = await context.operations.perform({
      what,
      reason,
      operator: { name: operatorName() },
      ...(plan === null ? {} : { plan }),
      ...(options.requestId === undefined ? {} : { requestId: options.requestId }),
    });
    const { isServed } = context;
    show(options, { ...done, isServed }, () => `${planText(done.plan)}\n\n${resultText(done, isServed)}`);
    return EXIT.ok;
  } finally {
    await context.close();
  }
}

function requireReason({ reason }: ByHandOptions): string {
  const text = reason?.trim() ?? '';
  if (text !== '' && text.length <= 500) return text;
  throw new PermanentError('payload.invalid', 'a reason is needed', {
    expected: '--reason with at most 500 characters',
    nextStep: 'say why; it is kept in the audit',
  });
}

/** The digest to hold to: the one that was given, or the one that a person has just said yes to; null: whatever stands. */
async function confirmed(
  { operations }: CommandContext,
  what: VerbRequest,
  options: ByHandOptions,
): Promise<string | null> {
  if (options.plan !== undefined) return options.plan;
  const isAsked =
    process.stdin.isTTY && process.stdout.isTTY && options.yes !== true && options.json !== true;
  if (!isAsked) return null;
  const plan = await operations.preview(what);
  if (plan.nothing !== null) return null;
  process.stdout.write(`${planText(plan)}\n\n`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question('Go on? [y/N] ').finally(() => lines.close());
  if (/^y(es)?$/i.test(answer.trim())) return plan.digest;
  process.stdout.write('Nothing was done.\n');
  return 'no';
}

function resultText({ plan, requestId, isNew }: Performed, isServed: boolean): string {
  if (isNew) return `${asked(plan)} as request ${requestId}.\n${carriedOn(isServed)}`;
  return plan.nothing === null
    ? `Nothing new was done: request ${requestId} was carried out before.`
    : 'Nothing was done: there is nothing to do.';
}

const DONE_AT_ONCE: readonly Plan['verb'][] = ['hold', 'approve', 'disown'];

function asked({ verb }: Plan): string {
  return DONE_AT_ONCE.includes(verb) ? 'Done' : 'Asked for';
}
