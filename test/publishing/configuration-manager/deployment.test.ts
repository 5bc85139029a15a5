import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PermanentError, RetryableError } from '../../../src/core/errors.js';
import type { DeploymentCmdlets } from '../../../src/publishing/configuration-manager/deployment/cmdlets.js';
import { createDeployments } from '../../../src/publishing/configuration-manager/deployment/index.js';
import type { DeploymentPlan } from '../../../src/publishing/configuration-manager/deployment/plan.js';

const ID = '11111111-2222-4333-8444-555555555555';
const PLAN: DeploymentPlan = {
  updateGroup: "Pat's",
  package: { name: 'Third party', sourcePath: '\\\\server\\updates\\patchpress' },
  distributionPointGroup: 'Gateway',
  collection: 'XYZ00012',
  purpose: 'required',
  deadlineHours: 24,
};
const nal = (host: string) => `["Display=\\\\${host}\\"]MSWNET:["SMS_SITE=XYZ"]\\\\${host}\\`;

/** A site in which everything is done; `change` says what of it is not. */
function openSite(change: {
  readonly rows?: Readonly<Record<string, readonly object[]>>;
  readonly groups?: Readonly<Record<string, readonly number[]>>;
  readonly cmdlets?: Partial<DeploymentCmdlets>;
}) {
  const rows: Record<string, readonly object[]> = {
    SMS_SoftwareUpdate: [
      {
        CI_ID: 5,
        CI_UniqueID: ID,
        IsMetadataOnlyUpdate: false,
        IsDeployable: true,
        IsContentProvisioned: true,
      },
    ],
    SMS_SoftwareUpdatesPackage: [{ PackageID: 'XYZ00007' }],
    SMS_CIToContent: [{ ContentID: 71 }, { ContentID: 72 }],
    SMS_PackageToContent: [
      { ContentID: 71, MinPackageVersion: 3 },
      { ContentID: 72, MinPackageVersion: 4 },
    ],
    SMS_DistributionPointGroup: [{ GroupID: '{A}' }],
    SMS_DPGroupContentInfo: [{ PackageID: 'XYZ00007' }],
    SMS_DPGroupMembers: [{ DPNALPath: nal('CMG.example') }],
    SMS_PackageStatusDistPointsSummarizer: [
      { ServerNALPath: nal('cmg.example'), State: 0, SourceVersion: 4 },
      { ServerNALPath: nal('another.example'), State: 3, SourceVersion: 1 },
    ],
    SMS_UpdateGroupAssignment: [{ AssignmentID: 1, Enabled: true }],
    ...change.rows,
  };
  const groups: Record<string, readonly number[]> = { "Pat's": [5], ...change.groups };
  const asked: string[] = [];
  const filters = new Map<string, string | null>();
  const groupOf = (name: string) => {
    const ciIds = groups[name];
    return ciIds === undefined
      ? null
      : { groupId: 900 + Object.keys(groups).indexOf(name), ciIds: [...ciIds] };
  };
  const cmdlets: DeploymentCmdlets = {
    updateGroup: async (name) => groupOf(name),
    async addToUpdateGroup(name, ciId) {
      asked.push(`add ${ciId} to ${name}`);
      groups[name] = [...(groups[name] ?? []), ciId];
      return groupOf(name);
    },
    async removeFromUpdateGroup(name, ciIds) {
      asked.push(`remove ${ciIds} from ${name}`);
      groups[name] = (groups[name] ?? []).filter((ciId) => !ciIds.includes(ciId));
      return groupOf(name);
    },
    saveUpdate: async (plan, ciId) => void asked.push(`save ${ciId} into ${plan.package.name}`),
    distributePackage: async () => void asked.push('distribute'),
    deployUpdateGroup: async (_plan, group) => void asked.push(`deploy ${group}`),
    ...change.cmdlets,
  };
  const rest = {
    async get(path: string) {
      const { pathname, searchParams } = new URL(path, 'https://site.example');
      const className = pathname.slice('/AdminService/wmi/'.length);
      filters.set(className, searchParams.get('$filter'));
      return { value: rows[className] ?? [] };
    },
    post: async () => assert.fail('nothing is changed over REST'),
  };
  return { deployments: createDeployments(rest, cmdlets, PLAN), asked, filters };
}

test('what is there is not asked for, and names are quoted in what is read', async () => {
  const { deployments, asked, filters } = openSite({});
  assert.equal(await deployments.carry(ID), null);
  assert.deepEqual(asked, []);
  assert.equal(filters.get('SMS_SoftwareUpdatesPackage'), "Name eq 'Third party'");
  assert.equal(
    filters.get('SMS_PackageToContent'),
    "PackageID eq 'XYZ00007' and (ContentID eq 71 or ContentID eq 72)",
  );
  assert.equal(
    filters.get('SMS_UpdateGroupAssignment'),
    "AssignedUpdateGroup eq 900 and TargetCollectionID eq 'XYZ00012'",
  );
});

describe('a step that is missing is asked for, and what the site then shows is told', () => {
  const status = (State: number, SourceVersion = 4) => [
    { ServerNALPath: nal('cmg.example'), State, SourceVersion },
  ];
  const table: readonly {
    readonly name: string;
    readonly rows?: Readonly<Record<string, readonly object[]>>;
    readonly asked: readonly string[];
    readonly reason: RegExp;
    readonly nextStep: RegExp;
  }[] = [
    {
      name: 'no package yet',
      rows: { SMS_SoftwareUpdatesPackage: [] },
      asked: ['save 5 into Third party'],
      reason: /not in the deployment package "Third party"; it was asked for/,
      nextStep: /Trusted Publishers and rights on \\\\server\\updates\\patchpress/,
    },
    {
      name: 'half of its content',
      rows: { SMS_PackageToContent: [{ ContentID: 71, MinPackageVersion: 3 }] },
      asked: ['save 5 into Third party'],
      reason: /not in the deployment package/,
      nextStep: /Download, into that package/,
    },
    {
      name: 'no distribution point group of that name',
      rows: { SMS_DistributionPointGroup: [] },
      asked: [],
      reason: /no distribution point group "Gateway"/,
      nextStep: /correct site\.deployment\.distributionPointGroup/,
    },
    {
      name: 'not distributed',
      rows: { SMS_DPGroupContentInfo: [] },
      asked: ['distribute'],
      reason: /is not distributed to "Gateway"; it was asked for/,
      nextStep: /Distribute Content, to that group, which must hold the CMG/,
    },
    {
      name: 'a group without distribution points',
      rows: { SMS_DPGroupMembers: [] },
      asked: [],
      reason: /the group has no distribution points/,
      nextStep: /Content Status/,
    },
    {
      name: 'a distribution point that has told nothing',
      rows: { SMS_PackageStatusDistPointsSummarizer: [] },
      asked: [],
      reason: /cmg\.example has not told anything/,
      nextStep: /Content Status/,
    },
    {
      name: 'a distribution point that failed',
      rows: { SMS_PackageStatusDistPointsSummarizer: status(3) },
      asked: [],
      reason: /cmg\.example: INSTALL_FAILED/,
      nextStep: /Monitoring > Distribution Status > Content Status > Third party/,
    },
    {
      name: 'an older version of the package',
      rows: { SMS_PackageStatusDistPointsSummarizer: status(0, 3) },
      asked: [],
      reason: /cmg\.example has version 3 of the package, the update came with 4/,
      nextStep: /Update Distribution Points/,
    },
    {
      name: 'no deployment',
      rows: { SMS_UpdateGroupAssignment: [] },
      asked: ["deploy Pat's"],
      reason: /"Pat's" is not deployed to XYZ00012; it was asked for/,
      nextStep: /Deploy, to the collection XYZ00012/,
    },
    {
      name: 'a deployment that somebody disabled',
      rows: { SMS_UpdateGroupAssignment: [{ AssignmentID: 1, Enabled: false }] },
      asked: [],
      reason: /"Pat's" to XYZ00012 is disabled/,
      nextStep: /Deployment: Enable/,
    },
  ];
  for (const { name, rows = {}, asked, reason, nextStep } of table) {
    test(name, async () => {
      const site = openSite({ rows });
      const unfinished = await site.deployments.carry(ID);
      assert.deepEqual(site.asked, asked);
      assert.match(unfinished?.reason ?? '', reason);
      assert.match(unfinished?.nextStep ?? '', nextStep);
      assert.equal(unfinished?.isRefused, undefined);
    });
  }
});

test('what the site refuses is told as its refusal; what cannot be reached is tried again', async () => {
  const refusing = (error: Error) =>
    openSite({
      rows: { SMS_SoftwareUpdatesPackage: [] },
      cmdlets: { saveUpdate: () => Promise.reject(error) },
    }).deployments.carry(ID);
  const unfinished = await refusing(new PermanentError('target.refused', 'Invalid certificate signature'));
  assert.equal(unfinished?.isRefused, true);
  assert.match(unfinished.reason, /asked for it: .*Invalid certificate signature/);
  await assert.rejects(refusing(new RetryableError('target.unreachable', 'no way there')), {
    code: 'target.unreachable',
  });
});

test('a group of a thousand is full: the next one begins, and is deployed too', async () => {
  const full = Array.from({ length: 1000 }, (_, at) => 1000 + at);
  const { deployments, asked } = openSite({
    groups: { "Pat's": full },
    rows: { SMS_UpdateGroupAssignment: [] },
  });
  await deployments.carry(ID);
  assert.deepEqual(asked, ["add 5 to Pat's 2", "deploy Pat's 2"]);
});

test('an update that is in a later group stays there, though the first one has room', async () => {
  const { deployments, asked } = openSite({ groups: { "Pat's": [7], "Pat's 2": [5] } });
  assert.equal(await deployments.carry(ID), null);
  assert.deepEqual(asked, []);
});

test('what ends leaves whichever group has it; what does not leave is told', async () => {
  const { deployments, asked } = openSite({ groups: { "Pat's": [7], "Pat's 2": [5, 8] } });
  await deployments.remove([ID]);
  await deployments.remove([ID]);
  assert.deepEqual(asked, ["remove 5 from Pat's 2"]);
  const stuck = openSite({
    cmdlets: { removeFromUpdateGroup: async () => ({ groupId: 900, ciIds: [5] }) },
  });
  await assert.rejects(stuck.deployments.remove([ID]), { code: 'target.refused', where: "Pat's" });
});

test('what the site does not show yet cannot be deployed', async () => {
  const { deployments } = openSite({ rows: { SMS_SoftwareUpdate: [] } });
  await assert.rejects(deployments.carry(ID), { code: 'target.refused', where: ID });
});
