import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { detectLoop, type Tally } from '../../src/verification/loop.js';

/** `required/installs` of one day after the other. */
const days = (...counts: readonly string[]): readonly Tally[] =>
  counts.map((text, index) => {
    const [required = 0, installs = 0] = text.split('/').map(Number);
    return { at: `2026-11-${String(index + 1).padStart(2, '0')}T00:00:00Z`, required, installs };
  });

describe('computers that install and need again', () => {
  const cases: readonly [string, readonly Tally[], boolean][] = [
    ['nothing is known', [], false],
    ['one look', days('9/9'), false],
    ['a rollout that works', days('10/0', '6/4', '1/9', '0/10'), false],
    ['nobody has installed yet', days('10/0', '10/0', '12/0'), false],
    ['all install, and all need it again', days('10/0', '10/10', '10/20'), true],
    ['the same, with computers that come later', days('10/0', '12/11', '13/25'), true],
    ['one round proves nothing: reports may be late', days('10/0', '10/10'), false],
    ['a few installs of many computers', days('500/0', '500/3', '500/6'), false],
    ['two computers in a loop', days('2/0', '2/2', '2/4'), true],
    ['it worked first, and loops since', days('10/0', '3/7', '3/10', '3/13'), true],
    ['it has looped, and was mended', days('3/0', '3/3', '3/6', '0/7'), false],
    ['out of order', [...days('10/0', '10/10', '10/20')].reverse(), true],
  ];
  for (const [name, tallies, expected] of cases) {
    test(name, () => {
      assert.equal(detectLoop(tallies).isLoop, expected);
    });
  }

  test('says since when and how many', () => {
    const verdict = detectLoop(days('10/0', '3/7', '3/10', '3/13'));
    assert.ok(verdict.isLoop);
    assert.equal(
      verdict.reason,
      'installed 6 times since 2026-11-02T00:00:00Z, and 3 computers still need it (3 then)',
    );
  });
});
