import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createDeviceCanary } from '../../../src/verification/device/canary.js';
import { judgeDevices } from '../../../src/verification/device/judge.js';
import { readDeviceReports } from '../../../src/verification/device/read.js';
import { type DeviceReport, parseOutput } from '../../../src/verification/device/report.js';

const ID = '05b39bf3-5e62-4e39-9f6a-3f1d5e8f0001';
const SCRIPT = '11111111-2222-4333-8444-555555555555';

interface Facts {
  readonly status: string | null;
  readonly installs?: number;
  readonly errorCode?: number | null;
  readonly isOnInternet?: boolean;
}
const printed = (day: number, { status, installs = 0, errorCode = 0, isOnInternet = true }: Facts) => ({
  patchpressCanary: 1,
  at: `2026-11-${String(day).padStart(2, '0')}T08:00:00Z`,
  isOnInternet,
  updates: [
    {
      id: ID.toUpperCase(),
      status,
      scanAt: '2026-11-01T07:00:00Z',
      evaluationState: null,
      errorCode,
      installs,
    },
  ],
  faults: [],
});

describe('the output of canary.ps1', () => {
  const document = printed(1, { status: 'Missing' });
  const text = JSON.stringify(document);
  const forms: readonly [string, string][] = [
    ['as it was printed', text],
    ['as a text', JSON.stringify(text)],
    ['as a list of texts', JSON.stringify([text])],
    ['as a list of documents', JSON.stringify([document])],
    ['as a text of a list', JSON.stringify(JSON.stringify([text]))],
  ];
  for (const [name, output] of forms) {
    test(name, () => {
      const report = parseOutput('PC-1', output);
      assert.ok(!('fault' in report));
      assert.deepEqual(
        [report.device, report.updates[0]?.id, report.updates[0]?.status],
        ['PC-1', ID, 'Missing'],
      );
    });
  }

  const others: readonly string[] = [
    '',
    'null',
    '[]',
    text.slice(0, 60),
    '{"patchpressCanary":2}',
    '"\\"\\\\\\"x"',
    '7',
  ];
  for (const output of others) {
    test(`what is none of it: ${output.slice(0, 20)}`, () => {
      assert.ok('fault' in parseOutput('PC-1', output));
    });
  }

  test('its members are those that the script prints', () => {
    const script = readFileSync('scripts/windows/canary.ps1', 'utf8');
    for (const name of [...Object.keys(document), ...Object.keys(document.updates[0] ?? {})]) {
      assert.match(script, new RegExp(`\\b${name} = `));
    }
  });
});

test('is read at the site, of this one script, and what is no output is told', async () => {
  const asked: string[] = [];
  const rows = [
    { DeviceName: 'PC-1', ScriptOutput: JSON.stringify(JSON.stringify(printed(1, { status: 'Installed' }))) },
    { DeviceName: 'PC-2', ScriptOutput: null },
  ];
  const site = {
    async get(path: string) {
      asked.push(path);
      return { value: rows };
    },
  };
  const { reports, faults } = await readDeviceReports(site, SCRIPT);
  assert.equal(reports.length, 1);
  assert.deepEqual(
    faults.map(({ device }) => device),
    ['PC-2'],
  );
  assert.deepEqual(asked, [
    `/AdminService/wmi/SMS_ScriptsExecutionStatus?$filter=${encodeURIComponent(`ScriptGuid eq '${SCRIPT}'`)}`,
  ]);
  await assert.rejects(readDeviceReports(site, "x' or 1 eq 1"), { code: 'payload.invalid' });
  await assert.rejects(readDeviceReports({ get: async () => ({}) }, SCRIPT), { code: 'protocol.violation' });
});

describe('what devices prove', () => {
  const report = (device: string, day: number, facts: Facts) => {
    const read = parseOutput(device, JSON.stringify(printed(day, facts)));
    assert.ok(!('fault' in read));
    return read;
  };
  const need = { status: 'Missing' };
  const have = { status: 'Installed', installs: 1 };
  const cases: readonly [string, readonly DeviceReport[], boolean][] = [
    ['nothing was reported', [], false],
    ['it needed it and has it now', [report('a', 1, need), report('a', 2, have)], true],
    ['reports out of order', [report('a', 2, have), report('a', 1, need)], true],
    ['it always had it', [report('a', 1, have), report('a', 2, have)], false],
    ['two devices are not one', [report('a', 1, need), report('b', 2, have)], false],
    ['it needs it again', [report('a', 1, need), report('a', 2, have), report('a', 3, need)], false],
    [
      'inside of the network',
      [report('a', 1, need), report('a', 2, { ...have, isOnInternet: false })],
      false,
    ],
  ];
  for (const [name, reports, expected] of cases) {
    test(name, () => {
      assert.equal(judgeDevices(ID, reports).isProven, expected);
    });
  }

  test('each device stands as it said last, with the fault of its agent', () => {
    const { devices } = judgeDevices(ID, [
      report('a', 1, need),
      report('a', 2, { ...need, errorCode: -2146762487 }),
      report('b', 1, { status: null }),
    ]);
    assert.deepEqual(
      devices.map(({ device, state, fault }) => [device, state, fault]),
      [
        ['b', 'notApplicable', null],
        ['a', 'required', '0x800B0109'],
      ].sort(),
    );
  });

  test('a device that installs and needs it again is a loop', () => {
    const loop = [0, 1, 2, 3].map((installs) => report('a', installs + 1, { ...need, installs }));
    assert.equal(judgeDevices(ID, loop).loop.isLoop, true);
    assert.equal(judgeDevices(ID, loop.slice(0, 3)).loop.isLoop, false);
    const rollout = ['a', 'b', 'c', 'd'].map((device, index) => report(device, index + 1, have));
    assert.equal(judgeDevices(ID, [report('e', 1, need), ...rollout]).loop.isLoop, false);
  });
});

describe('a canary of devices', () => {
  const runs = (...texts: readonly (readonly [number, Facts])[]) => {
    const value = texts.map(([day, facts]) => ({
      DeviceName: 'PC-1',
      ScriptOutput: JSON.stringify(printed(day, facts)),
    }));
    return createDeviceCanary({ get: async () => ({ value }) }, SCRIPT);
  };
  const update = {
    packageId: ID,
    revision: 1,
    productId: 'a.b',
    version: '1.0',
    variant: 'x64',
    supersedes: [],
  };
  const need = { status: 'Missing' };
  const have = { status: 'Installed', installs: 1 };

  test('proves, waits with what to do, and fails a loop', async () => {
    assert.ok('summary' in (await runs([1, need], [2, have]).verify(update, null)));
    const waits: readonly [ReturnType<typeof runs>, RegExp, RegExp][] = [
      [runs(), /no device has reported/, /canary\.ps1/],
      [runs([1, need]), /needed it and installed it yet/, /deploy the update/],
      [
        runs([1, { ...need, errorCode: -2146762487 }]),
        /PC-1 reports 0x800B0109/,
        /third-party software updates/,
      ],
    ];
    for (const [canary, reason, nextStep] of waits) {
      const answer = await canary.verify(update, null);
      assert.ok('reason' in answer);
      assert.match(answer.reason, reason);
      assert.match(answer.nextStep, nextStep);
    }
    const again = await runs([1, need], [2, have], [3, need]).verify(update, null);
    assert.ok('reason' in again);
    assert.deepEqual([again.reason, again.isContrary], ['PC-1 had the update and needs it again', true]);
    const loop = runs(...[0, 1, 2, 3].map((installs) => [installs + 1, { ...need, installs }] as const));
    await assert.rejects(loop.verify(update, null), { code: 'proof.failed' });
  });
});
