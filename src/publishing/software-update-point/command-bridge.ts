import { randomUUID } from 'node:crypto';
import { PermanentError, printable, RetryableError } from '../../core/errors.js';
import {
  BRIDGE_PROTOCOL,
  type Bridge,
  BridgeAnswer,
  type BridgeCall,
  type BridgeResult,
  type BridgeVerb,
  RESULTS,
} from './bridge.js';
import { faultOf } from './faults.js';
import { type CommandOptions, type Finished, runCommand } from './run-command.js';

/** ssh ends with it when it did not reach the other side. */
const SSH_FAILED = 255;

/**
 * The bridge over an executable: one JSON job on its standard input, one JSON result on its standard output, in
 * production `ssh` to the script on the Windows server. One job at a time: WSUS has one writer.
 */
export function createCommandBridge(options: CommandOptions & { readonly newId?: () => string }): Bridge {
  const { newId = randomUUID } = options;
  let last: Promise<unknown> = Promise.resolve();
  return {
    call(call, signal) {
      const turn = last.then(() => callOnce(options, call, newId(), signal));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function callOnce<V extends BridgeVerb>(
  options: CommandOptions,
  call: Extract<BridgeCall, { readonly verb: V }>,
  jobId: string,
  signal: AbortSignal,
): Promise<BridgeResult<V>> {
  const job = { protocol: BRIDGE_PROTOCOL, jobId, ...call };
  const finished = await runCommand(options, `${asciiJson(job)}\n`, signal);
  const where = `${options.command[0]} ${call.verb}`;
  const answer = readAnswer(finished, jobId, where);
  if (!answer.ok) throw faultOf(answer.error, where);
  const result = RESULTS[call.verb as V].safeParse(answer.result);
  if (result.success) return result.data as BridgeResult<V>;
  throw violation(
    where,
    `the result of ${call.verb}`,
    printable(JSON.stringify(answer.result) ?? 'nothing', 200),
  );
}

/** Windows PowerShell reads its input in the code page of the console: nothing but ASCII is the same in all of them. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function readAnswer({ stdout, exitCode, stderr }: Finished, jobId: string, where: string): BridgeAnswer {
  const text = stdout
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim();
  if (text === '') throw notAnswered(where, exitCode, stderr);
  const answer = BridgeAnswer.safeParse(jsonOf(text));
  if (!answer.success) throw violation(where, 'one JSON result of protocol 1', printable(text, 200));
  if (answer.data.jobId !== jobId)
    throw violation(where, `the result of job ${jobId}`, printable(answer.data.jobId));
  return answer.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Not reached, or broken off: whatever was begun is seen by the next turn, which asks first. */
function notAnswered(where: string, exitCode: number | null, stderr: string): RetryableError {
  const isSsh = exitCode === SSH_FAILED;
  return new RetryableError('target.unreachable', 'the bridge ended without a result', {
    where,
    expected: 'one JSON result',
    found: `exit code ${exitCode ?? 'none (a signal)'}${stderr === '' ? '' : `: ${stderr}`}`,
    nextStep: isSsh
      ? 'check that the server can be reached over ssh by this account, without a password and with a known host key'
      : 'run `patchpress bridge probe`, or the same by hand (docs/windows-bridge.md), and read what it says',
  });
}

function violation(where: string, expected: string, found: string): PermanentError {
  return new PermanentError('protocol.violation', 'the far side of the bridge answers in another form', {
    where,
    expected,
    found,
    nextStep: 'put the script of this release on the server (scripts/windows/patchpress-bridge.ps1)',
  });
}
