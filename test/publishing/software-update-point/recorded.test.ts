import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { z } from 'zod';
import {
  BridgeAnswer,
  type BridgeVerb,
  RESULTS,
} from '../../../src/publishing/software-update-point/bridge.js';
import { faultOf } from '../../../src/publishing/software-update-point/faults.js';
import { all, functionsOf, hashKeysOf, openPowerShell } from '../../scripts/windows/powershell.js';

/** One file of `scripts/windows/record-trace.ps1`. */
const Recording = z.strictObject({
  format: z.literal(1),
  osVersion: z.string(),
  shellVersion: z.string(),
  tookMs: z.number(),
  jobText: z.string(),
  answerText: z.string(),
  errorText: z.string(),
  exitCode: z.int(),
  files: z.strictObject({
    written: z.array(z.strictObject({ path: z.string(), sizeBytes: z.number(), sha256: z.string() })),
    removed: z.array(z.string()),
  }),
});

const FOLDER = 'test/publishing/software-update-point/recorded';
const RECORDINGS = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

/** This side understands what was answered: the result of the verb, or a failure whose meaning is known. */
function understand(recording: z.infer<typeof Recording>): void {
  const { verb } = z
    .object({ verb: z.enum(Object.keys(RESULTS) as [BridgeVerb]) })
    .parse(JSON.parse(recording.jobText));
  const answer = BridgeAnswer.parse(JSON.parse(recording.answerText));
  if (answer.ok) RESULTS[verb].parse(answer.result);
  else assert.notEqual(faultOf(answer.error, verb).message, 'the update server refuses it');
}

describe('recordings of a real update server', () => {
  test('are understood', { skip: RECORDINGS.length === 0 && `no recording in ${FOLDER} yet` }, () => {
    for (const name of RECORDINGS)
      understand(Recording.parse(JSON.parse(readFileSync(`${FOLDER}/${name}`, 'utf8'))));
  });

  test('have the members that the recording script writes', async () => {
    const script = (await openPowerShell())(readFileSync('scripts/windows/record-trace.ps1', 'utf8'));
    const written = all(script, 'assignment_expression').find((one) => one.text.startsWith('$record ='));
    const change = functionsOf(script).find(({ name }) => name === 'Get-Change');
    assert.ok(written && change);
    assert.deepEqual([...hashKeysOf(written)], Object.keys(Recording.shape));
    const { files } = Recording.shape;
    assert.deepEqual(
      [...hashKeysOf(change.body)],
      ['written', ...Object.keys(files.shape.written.element.shape), 'removed'],
    );
  });

  test('are taken to mean what they say', () => {
    const about = {
      osVersion: '10.0.20348.0',
      shellVersion: '5.1.20348.1',
      tookMs: 1,
      errorText: '',
      exitCode: 0,
    };
    const files = { written: [], removed: [] };
    const said = (answer: object) =>
      Recording.parse({
        format: 1,
        ...about,
        files,
        jobText: JSON.stringify({ protocol: 1, jobId: 'a', verb: 'list', packageIds: [] }),
        answerText: JSON.stringify({ protocol: 1, jobId: 'a', ...answer }),
      });
    const failure = (message: string) => ({ ok: false, error: { step: 'list', message } });
    understand(said({ ok: true, result: { updates: [] } }));
    understand(said(failure('Execution Timeout Expired')));
    assert.throws(() => understand(said({ ok: true, result: { update: [] } })));
    assert.throws(() => understand(said(failure('something that no one has seen yet'))));
  });
});
