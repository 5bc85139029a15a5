import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PermanentError, RetryableError } from '../../../src/core/errors.js';
import {
  createDeploymentRules,
  type DeploymentRule,
  type DeploymentRules,
} from '../../../src/publishing/configuration-manager/deployment-rule.js';
import { createSiteRest } from '../../../src/publishing/configuration-manager/rest.js';
import { pushDeployment } from '../../../src/publishing/deploying.js';

const RULE: DeploymentRule = { id: 7, isEnabled: true, lastRunAt: '2026-11-24T10:00:00Z', lastErrorCode: 0 };

function rulesOf(rule: DeploymentRule | null | Error, refusal: Error | null = null) {
  const ran: number[] = [];
  const rules: DeploymentRules = {
    name: 'Third party',
    async look() {
      if (rule instanceof Error) throw rule;
      return rule;
    },
    async run({ id }) {
      if (refusal !== null) throw refusal;
      ran.push(id);
    },
  };
  return { rules, ran };
}

describe('an update that is deployable', () => {
  test('has the rule run once, when it has become so', async () => {
    const { rules, ran } = rulesOf(RULE);
    assert.match((await pushDeployment(rules, true))?.reason ?? '', /"Third party" was asked to run/);
    const later = await pushDeployment(rules, false);
    assert.deepEqual(ran, [7]);
    assert.match(later?.reason ?? '', /last ran at 2026-11-24T10:00:00Z; the update is not on/);
    assert.match(
      later?.nextStep ?? '',
      /Automatic Deployment Rules > Third party: look whether its criteria/,
    );
  });

  const told: readonly (readonly [string, DeploymentRule | null, RegExp])[] = [
    ['no such rule', null, /no automatic deployment rule "Third party"/],
    ['a disabled rule, which is not run', { ...RULE, isEnabled: false }, /is disabled/],
    ['a rule that has never run', { ...RULE, lastRunAt: null }, /has not run yet/],
    ['a rule that failed', { ...RULE, lastErrorCode: -2016279529 }, /failed with 0x87D20417/],
  ];
  for (const [name, rule, reason] of told) {
    test(`is told: ${name}`, async () => {
      const { rules, ran } = rulesOf(rule);
      assert.match((await pushDeployment(rules, false))?.reason ?? '', reason);
      assert.deepEqual(ran, []);
    });
  }

  test('a disabled rule is not asked to run', async () => {
    const { rules, ran } = rulesOf({ ...RULE, isEnabled: false });
    assert.match((await pushDeployment(rules, true))?.reason ?? '', /is disabled/);
    assert.deepEqual(ran, []);
  });

  test('an account that may not run it leaves that to a person; a site that does not answer is tried again', async () => {
    const refused = await pushDeployment(
      rulesOf(RULE, new PermanentError('target.refused', 'denied')).rules,
      true,
    );
    assert.match(refused?.reason ?? '', /cannot be run from here: .*denied/);
    assert.match(refused?.nextStep ?? '', /Run Now/);
    const unreachable = new RetryableError('target.unreachable', 'no answer');
    await assert.rejects(pushDeployment(rulesOf(unreachable).rules, false), unreachable);
  });
});

test('the rule is found by its name and run by its id', async () => {
  const asked: string[] = [];
  const row = {
    AutoDeploymentID: 7,
    AutoDeploymentEnabled: true,
    LastRunTime: RULE.lastRunAt,
    LastErrorCode: null,
  };
  const rest = createSiteRest({
    baseUrl: 'https://site.example',
    token: 't',
    transport: {
      async send(method, address) {
        asked.push(`${method} ${decodeURIComponent(new URL(address).pathname + new URL(address).search)}`);
        return { status: 200, body: Buffer.from(JSON.stringify({ value: [row] })) };
      },
    },
  });
  const rules = createDeploymentRules(rest, "Pat's rule");
  assert.deepEqual(await rules.look(), RULE);
  await rules.run(RULE);
  assert.deepEqual(asked, [
    "GET /AdminService/wmi/SMS_AutoDeployment?$filter=Name eq 'Pat''s rule'&$select=AutoDeploymentID,AutoDeploymentEnabled,LastRunTime,LastErrorCode",
    'POST /AdminService/wmi/SMS_AutoDeployment(7)/AdminService.EvaluateAutoDeployment',
  ]);
});
