import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { orderOf, versionParts } from '../../../src/core/evaluation/answer.js';
import {
  justAbove,
  justBelow,
  type Step,
  stepBack,
  stepFarBack,
  stepFarForward,
  stepForward,
  steppedName,
  steppedText,
} from '../../../src/packages/proof/versions.js';

const table: readonly [version: string, step: Step, expected: string | null][] = [
  ['24.08', stepBack, '24.07'],
  ['24.08', stepFarBack, '23.08'],
  ['24.08', stepForward, '24.09'],
  ['24.08', stepFarForward, '25.08'],
  ['24.08', justAbove, '24.08.0.1'],
  ['24.08', justBelow, '24.07.65535.65535'],
  ['24.08.00.0', stepBack, '24.07.00.0'],
  ['0.85.0.0', stepBack, '0.84.0.0'],
  ['0.85.0.0', stepFarBack, null],
  ['26.7.0', stepBack, '26.6.0'],
  ['1.10', stepBack, '1.9'],
  ['10', stepBack, '9'],
  ['10', justBelow, '9.65535.65535.65535'],
  ['1.2.3.4', justBelow, '1.2.3.3'],
  ['0.0', stepBack, null],
  ['0.0', justBelow, null],
  ['0.0', stepForward, '1.0'],
  ['1.99999', stepForward, null],
  ['1.2-beta', stepBack, null],
  ['', stepBack, null],
];

describe('version texts around one that an installer writes', () => {
  for (const [version, step, expected] of table) {
    test(`${version || 'no version'} and ${step.name}: ${expected}`, () => {
      assert.equal(steppedText(version, step), expected);
    });
  }

  const part = fc.oneof(fc.integer({ min: 0, max: 99_999 }), fc.constantFrom(0, 1, 9, 10, 65_535, 99_999));
  const padded = fc.tuple(part, fc.boolean()).map(([n, pad]) => (pad && n < 10 ? `0${n}` : String(n)));
  const version = fc.array(padded, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
  const signOf: readonly [Step, number][] = [
    [stepBack, -1],
    [stepFarBack, -1],
    [justBelow, -1],
    [stepForward, 1],
    [stepFarForward, 1],
    [justAbove, 1],
  ];
  for (const [step, sign] of signOf) {
    test(`${step.name} of any version is truly ${sign < 0 ? 'older' : 'newer'}, and a version`, () => {
      fc.assert(
        fc.property(version, (text) => {
          const stepped = steppedText(text, step);
          if (stepped === null) return;
          const [before, after] = [versionParts(text), versionParts(stepped)];
          assert.ok(before && after, stepped);
          assert.equal(Math.sign(orderOf(after, before)), sign, `${text} -> ${stepped}`);
        }),
      );
    });
  }

  test('nothing lies between a version and the one just below or above, at 16 bits a part', () => {
    const weight = (text: string) =>
      (versionParts(text) ?? []).reduce((sum, part) => sum * 65_536n + BigInt(part), 0n);
    const small = fc.array(fc.integer({ min: 0, max: 65_534 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(small, (parts) => {
        const text = parts.join('.');
        const [below, above] = [steppedText(text, justBelow), steppedText(text, justAbove)];
        if (below !== null) assert.equal(weight(text) - weight(below), 1n);
        assert.equal(weight(above ?? ''), weight(text) + 1n);
      }),
    );
  });
});

describe('names of the copies of other versions', () => {
  const names: readonly [name: string, displayVersion: string, release: string, expected: string][] = [
    ['7-Zip 24.08 (x64 edition)', '24.08.00.0', '24.08', '7-Zip 24.07 (x64 edition)'],
    ['PuTTY release 0.85 (64-bit)', '0.85.0.0', '0.85', 'PuTTY release 0.84 (64-bit)'],
    ['Notepad++ (64-bit x64)', '8.9.7', '8.9.7', 'Notepad++ (64-bit x64)'],
    ['Tool 64 64', '64', '64', 'Tool 63 63'],
    ['Tool 2024.8', '24.8', '2024.8', 'Tool 2024.7'],
    ['Tool 1.2 for Windows 10', '1.2.3', '1.2.3', 'Tool 1.2 for Windows 10'],
    ['Tool 9.9', '1.2.3', '1.2.3', 'Tool 9.9'],
    ['Tool 1.2.3', 'unknown', '1.2.3', 'Tool 1.2.3'],
  ];
  for (const [name, displayVersion, release, expected] of names) {
    test(`${name} (${displayVersion}) was ${expected}`, () => {
      assert.equal(steppedName(name, displayVersion, release, stepBack), expected);
    });
  }
});
