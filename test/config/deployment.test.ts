import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentsFrom } from '../../src/app/configure.js';
import { decodeSettings } from '../../src/config/settings.js';

const decode = (site: object) =>
  decodeSettings({ site: { adminServiceUrl: 'https://site.example', ...site } }, 'patchpress.yaml', {});
const command = ['ssh', 'site.example'];
const deployment = {
  updateGroup: 'Patchpress',
  package: { name: 'Patchpress', sourcePath: '\\\\server\\updates$\\patchpress' },
  distributionPointGroup: 'Gateway',
  collection: 'XYZ00012',
};

test('deployments of our own are off until they are named, and then required within a week', () => {
  assert.equal(deploymentsFrom(decode({ command })), null);
  const settings = decode({ command, deployment });
  assert.deepEqual(settings.site?.deployment, { ...deployment, purpose: 'required', deadlineHours: 168 });
  assert.notEqual(deploymentsFrom(settings), null);
});

test('what cannot be is refused with the member that is wrong', () => {
  const table: readonly (readonly [object, RegExp])[] = [
    [{ command, deployment, deploymentRule: 'Third party' }, /deploymentRule or deployment, not both/],
    [{ tokenFile: 'token', deployment }, /expected command beside deployment/],
    [
      { command, deployment: { ...deployment, package: { name: 'A', sourcePath: 'C:\\updates' } } },
      /expected a UNC folder/,
    ],
    [{ command, deployment: { ...deployment, collection: "XYZ' or 1" } }, /expected the id of a collection/],
    [{ command, deployment: { ...deployment, updateGroup: 'A\nB' } }, /expected a name of one line/],
    [{ command, deployment: { ...deployment, deadlineHours: -1 } }, /expected number to be >=0/],
  ];
  for (const [site, found] of table) {
    assert.throws(() => decode(site), { code: 'configuration.invalid', found });
  }
});
