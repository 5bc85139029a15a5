import { describeFault } from '../../../core/errors.js';
import { show } from '../output.js';
import { describeRun, runFacts } from './describe.js';
import { type ClientInputs, type ClientOptions, readInputs } from './inputs.js';
import { type ClientRun, runClient } from './run.js';
import { loadState } from './state.js';

/** Exit codes of `patchpress client`. */
export const CLIENT_EXIT = { done: 0, refused: 1, usage: 2, server: 3 } as const;

/** `patchpress client scan|install`: an update agent's own steps against a server; nothing is ever installed. */
export async function client(verb: 'scan' | 'install', options: ClientOptions): Promise<number> {
  let code: number = CLIENT_EXIT.usage;
  try {
    const inputs = readInputs(options);
    const state = loadState(inputs.statePath, inputs.base);
    code = CLIENT_EXIT.server;
    const run = await runClient(inputs, verb, state);
    show(options, runFacts(run, inputs.updateId), () => describeRun(run, inputs.updateId));
    if (run.reportFault !== null) return CLIENT_EXIT.server;
    return isGood(run, inputs) ? CLIENT_EXIT.done : CLIENT_EXIT.refused;
  } catch (error) {
    process.stderr.write(`${describeFault(error)}\n`);
    return code;
  }
}

/** An update that was named must be there; none may have failed a check. */
function isGood({ scan, installs }: ClientRun, { updateId }: ClientInputs): boolean {
  const concerned = scan.updates.filter(
    ({ known, state }) => updateId === null || known?.core.updateId === updateId || state === 'failed',
  );
  const isFound = updateId === null || concerned.some(({ known }) => known?.core.updateId === updateId);
  return (
    isFound &&
    concerned.every(({ state }) => state !== 'failed') &&
    (installs ?? []).every(({ outcome }) => outcome === 'ready')
  );
}
