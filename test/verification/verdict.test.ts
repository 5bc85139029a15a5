import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rule } from '../../src/core/applicability.js';
import { evaluateUpdate } from '../../src/core/evaluate.js';
import type { CoreFacts } from '../../src/verification/metadata.js';
import { judgeUpdates, type KnownUpdate } from '../../src/verification/verdict.js';
import { windows } from './machine.js';

const YES: Rule = { kind: 'True' };
const NO: Rule = { kind: 'False' };
const UNKNOWN: Rule = { kind: 'Unrecognised', name: 'LicenseDword', attributes: {} };

interface Facts extends Partial<Omit<CoreFacts, 'rules'>> {
  readonly installed?: Rule | null;
  readonly installable?: Rule | null;
  readonly superseded?: Rule | null;
  readonly action?: string;
}

let lastRevisionId = 0;
function update(updateId: string, facts: Facts = {}): KnownUpdate {
  const { installed = NO, installable = YES, superseded = null, action = 'Install', ...core } = facts;
  const rules = { isInstalled: installed, isInstallable: installable, isSuperseded: superseded };
  lastRevisionId += 1;
  return {
    revisionId: lastRevisionId,
    action,
    evaluation: evaluateUpdate(rules, windows),
    core: {
      updateId,
      revision: 1,
      updateType: 'Software',
      prerequisites: [],
      supersedes: [],
      bundled: [],
      rules,
      drivers: [],
      ...core,
    },
  };
}

/** `a required, b superseded`, in the order given. */
function states(...updates: readonly KnownUpdate[]): string {
  const verdicts = judgeUpdates(updates);
  return updates
    .map(({ core, revisionId }) => `${core.updateId} ${verdicts.get(revisionId)?.state}`)
    .join(', ');
}

const installed = { installed: YES };
const NEEDED_DRIVER = { state: 'required', why: 'a device has none', unknown: false } as const;
const never = { installable: NO };
const bundle = (updateId: string, bundled: readonly (readonly string[])[], facts: Facts = {}) =>
  update(updateId, { installed: null, installable: null, bundled, ...facts });

const CASES: readonly [string, readonly KnownUpdate[], string][] = [
  [
    'own rules',
    [
      update('a'),
      update('b', installed),
      update('c', never),
      update('d', { installed: null, installable: null }),
    ],
    'a required, b installed, c notApplicable, d notApplicable',
  ],
  [
    'a prerequisite that is installed, needed, absent',
    [
      update('a', installed),
      update('b'),
      update('c', { prerequisites: [['a']] }),
      update('d', { prerequisites: [['b']] }),
      update('e', { prerequisites: [['gone']] }),
    ],
    'a installed, b required, c required, d notApplicable, e notApplicable',
  ],
  [
    'of a group one is enough, but every group counts',
    [
      update('a', installed),
      update('b', { prerequisites: [['gone', 'a']] }),
      update('c', { prerequisites: [['a'], ['gone']] }),
      update('d', { prerequisites: [[]] }),
    ],
    'a installed, b required, c notApplicable, d notApplicable',
  ],
  [
    'an update that is handed out before what it needs',
    [
      update('c', { prerequisites: [['b']] }),
      update('b', { prerequisites: [['a']], installed: YES }),
      update('a', installed),
    ],
    'c required, b installed, a installed',
  ],
  [
    'what is installed by its rules, behind a prerequisite that is not',
    [update('a', never), update('b', { installed: YES, prerequisites: [['a']] })],
    'a notApplicable, b notApplicable',
  ],
  [
    'prerequisites in a circle',
    [
      update('a', { prerequisites: [['b']], ...installed }),
      update('b', { prerequisites: [['a']], ...installed }),
    ],
    'a notApplicable, b notApplicable',
  ],
  [
    'superseded by what is needed, and by what is installed, not by what does not apply',
    [
      update('a'),
      update('b', { supersedes: ['a'] }),
      update('c'),
      update('d', { supersedes: ['c'], ...installed }),
      update('e'),
      update('f', { supersedes: ['e'], ...never }),
    ],
    'a superseded, b required, c superseded, d installed, e required, f notApplicable',
  ],
  [
    'a chain: each has its successor',
    [update('a'), update('b', { supersedes: ['a'] }), update('c', { supersedes: ['b'] })],
    'a superseded, b superseded, c required',
  ],
  [
    'an older version that is there stays installed',
    [update('a', installed), update('b', { supersedes: ['a'] })],
    'a installed, b required',
  ],
  [
    'what may only be looked at takes the place of none that may be installed',
    [
      update('a'),
      update('b', { supersedes: ['a'], action: 'PreDeploymentCheck' }),
      update('c', { action: 'PreDeploymentCheck' }),
      update('d', { supersedes: ['c'], action: 'PreDeploymentCheck' }),
    ],
    'a required, b required, c superseded, d required',
  ],
  [
    'its own rule IsSuperseded',
    [update('a', { superseded: YES }), update('b', { superseded: NO })],
    'a superseded, b required',
  ],
  [
    'a bundle: needed where a member is, done where one is installed, else nothing',
    [
      update('need'),
      update('have', installed),
      update('never', never),
      bundle('p', [['need', 'never']]),
      bundle('q', [['have', 'never']]),
      bundle('r', [['never']]),
      bundle('s', [['need', 'have']]),
      bundle('t', [['gone']]),
    ],
    'need required, have installed, never notApplicable, p required, q installed, r notApplicable, s required, t notApplicable',
  ],
  [
    'a bundle of groups: all must apply',
    [
      update('need'),
      update('have', installed),
      update('never', never),
      bundle('p', [['need'], ['have']]),
      bundle('q', [['need'], ['never']]),
      bundle('r', [['have'], ['have', 'never']]),
    ],
    'need required, have installed, never notApplicable, p required, q notApplicable, r installed',
  ],
  [
    'a bundle in a bundle, its prerequisites and rules of its own',
    [
      bundle('outer', [['inner']]),
      bundle('inner', [['need']]),
      update('need', { action: 'Bundle' }),
      bundle('late', [['need']], { prerequisites: [['gone']] }),
      bundle('own', [['need']], { installed: NO, installable: NO }),
    ],
    'outer required, inner required, need required, late notApplicable, own notApplicable',
  ],
  [
    'an installed bundle is what others need',
    [update('have', installed), bundle('p', [['have']]), update('a', { prerequisites: [['p']] })],
    'have installed, p installed, a required',
  ],
  [
    'a rule that is not known is false',
    [
      update('a', { installable: UNKNOWN }),
      update('b', { installable: { kind: 'Not', rule: UNKNOWN } }),
      update('c', { installed: UNKNOWN }),
      update('d', { installable: { kind: 'Or', rules: [UNKNOWN, YES] } }),
    ],
    'a notApplicable, b notApplicable, c notApplicable, d required',
  ],
  [
    'a driver is what it is to the devices, once its prerequisites are installed',
    [
      update('a', { installed: YES }),
      { ...update('b', { updateType: 'Driver', prerequisites: [['a']] }), driver: NEEDED_DRIVER },
      { ...update('c', { updateType: 'Driver', prerequisites: [['d']] }), driver: NEEDED_DRIVER },
    ],
    'a installed, b required, c notApplicable',
  ],
  [
    'of two revisions the newer one',
    [update('a', { revision: 200, ...installed }), update('a', { revision: 9 })],
    'a installed, a notApplicable',
  ],
];

describe('what a client concludes', () => {
  for (const [name, updates, expected] of CASES) {
    test(name, () => {
      assert.equal(states(...updates), expected);
    });
  }

  test('says why, and what it rests on that is not known', () => {
    const [unknown, late, old] = [
      update('a', { installable: UNKNOWN }),
      update('b', { prerequisites: [['x', 'y']] }),
      update('c'),
    ];
    const verdicts = judgeUpdates([unknown, late, old, update('d', { supersedes: ['c'] })]);
    assert.deepEqual(
      [unknown, late, old].map(({ revisionId }) => verdicts.get(revisionId)),
      [
        {
          state: 'notApplicable',
          why: 'not known: Unrecognised (rule LicenseDword is not known)',
          unknown: true,
        },
        { state: 'notApplicable', why: 'a prerequisite is not installed: x or y', unknown: false },
        { state: 'superseded', why: 'superseded by d', unknown: false, supersededBy: 'd' },
      ],
    );
  });

  test('a chain without end is cut, not followed into the ground', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) =>
      update(`u${index}`, { ...installed, prerequisites: [[`u${index + 1}`]] }),
    );
    const verdicts = judgeUpdates(chain);
    assert.ok([...verdicts.values()].every(({ state }) => state === 'notApplicable'));
  });
});
