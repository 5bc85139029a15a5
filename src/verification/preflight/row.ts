import { describeFault, PermanentError } from '../../core/errors.js';

/** `unknown`: it cannot be told from here; the row says where to look. */
export type RowState = 'ok' | 'warning' | 'failed' | 'unknown';

export interface Finding {
  readonly state: RowState;
  readonly found: string;
  /** Where this finding is mended in another way than the condition's own. */
  readonly fix?: string;
}

/** One condition on the way from the publisher to a remote client. */
export interface Condition<Sources> {
  /** Stable, for `--only` and for monitoring. */
  readonly id: string;
  readonly area: string;
  readonly checked: string;
  readonly expected: string;
  /** How it is mended, in the words of the console. */
  readonly fix: string;
  look(sources: Sources): Promise<Finding>;
}

export interface PreflightRow extends Omit<Condition<never>, 'look' | 'fix'> {
  readonly state: RowState;
  readonly found: string;
  /** Null where nothing is to be done. */
  readonly fix: string | null;
}

/**
 * All conditions at once, each with its own time: one that breaks or hangs does not hide another. A look that throws is a
 * failed row with the fault's own words.
 */
export async function runPreflight<Sources>(
  conditions: readonly Condition<Sources>[],
  sources: Sources,
  timeoutMs: number,
): Promise<readonly PreflightRow[]> {
  return Promise.all(conditions.map((condition) => rowOf(condition, sources, timeoutMs)));
}

async function rowOf<Sources>(
  { look, fix, ...told }: Condition<Sources>,
  sources: Sources,
  timeoutMs: number,
): Promise<PreflightRow> {
  const finding = await inTime(look(sources), timeoutMs).catch((error: unknown) =>
    failed(describeFault(error), fixOf(error)),
  );
  return { ...told, ...finding, fix: finding.state === 'ok' ? null : (finding.fix ?? fix) };
}

/** What the settings say wrong is mended there, whatever the condition. */
function fixOf(error: unknown): string | undefined {
  return error instanceof PermanentError && error.code === 'configuration.invalid'
    ? error.nextStep
    : undefined;
}

async function inTime(looking: Promise<Finding>, timeoutMs: number): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(
      () => resolve({ state: 'failed', found: `no answer within ${timeoutMs / 1000} s` }),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([looking, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const ok = (found: string): Finding => ({ state: 'ok', found });
export const failed = (found: string, fix?: string): Finding => ({
  state: 'failed',
  found,
  ...(fix && { fix }),
});
export const warning = (found: string): Finding => ({ state: 'warning', found });

/** What is not configured cannot be looked at; that is said, never passed over. */
export function notConfigured(setting: string): Finding {
  return {
    state: 'unknown',
    found: `not configured: ${setting} is not set`,
    fix: `set ${setting} (docs/preflight.md)`,
  };
}

/** No page of Microsoft's gives a name under which this could be read. */
export function notCheckable(look: string): Finding {
  return { state: 'unknown', found: 'not checkable from here', fix: `look at ${look}` };
}
