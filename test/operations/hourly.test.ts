import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askHourly } from '../../src/operations/hourly.js';
import { keyOf, type PublishingInput } from '../../src/publishing/jobs.js';
import { LEAD, openMany } from './many.js';

test('what is looked through hourly is one piece of work each, and only the leader asks for it', async (t) => {
  const { ledger, deps } = await openMany(t, []);
  const inputs: readonly PublishingInput[] = [
    { kind: 'mirror', target: 'configmgr-catalog' },
    { kind: 'promote-required' },
  ];
  const asking = {
    ...deps,
    describeWork: ({ input }: { readonly input: unknown }) => ({
      key: keyOf(input as PublishingInput),
      product: null,
      version: null,
      variant: null,
    }),
  };
  const keys = async () => (await ledger.work()).map(({ key, state }) => `${key} ${state}`).sort();
  await assert.rejects(askHourly(asking, inputs, { ...LEAD, token: LEAD.token + 1 }));
  assert.deepEqual(await keys(), []);
  await askHourly(asking, inputs, LEAD);
  await askHourly(asking, inputs, LEAD);
  assert.deepEqual(await keys(), ['mirror/configmgr-catalog ready', 'promote-required ready']);
});
