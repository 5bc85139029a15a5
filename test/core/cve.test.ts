import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cveIdsIn } from '../../src/core/cve.js';

const CASES: readonly (readonly [string, string | null, readonly string[]])[] = [
  ['none', 'Fixes a crash.', []],
  ['no notes', null, []],
  [
    'once, in order, in upper case',
    'cve-2026-2 and CVE-2025-30000, CVE-2025-9999',
    ['CVE-2025-9999', 'CVE-2025-30000'],
  ],
  ['each once', 'CVE-2026-10000 [CVE-2026-10000](https://x/CVE-2026-10000)', ['CVE-2026-10000']],
  ['not what only looks so', 'XCVE-2026-1234 CVE-26-1234 CVE-2026-123 CVE-2026-12345678901234567890', []],
  ['markup stays outside', '<b>CVE-2026-4444</b><script>', ['CVE-2026-4444']],
];
for (const [name, notes, expected] of CASES) {
  test(`vulnerabilities in notes: ${name}`, () => {
    assert.deepEqual(cveIdsIn(notes), expected);
  });
}

test('no more is read and taken than is bounded', () => {
  const many = Array.from({ length: 5000 }, (_, n) => `CVE-2026-${10_000 + n}`).join(' ');
  assert.equal(cveIdsIn(many).length, 50);
  assert.deepEqual(cveIdsIn(`${'x '.repeat(40_000)}CVE-2026-1234`), []);
});
