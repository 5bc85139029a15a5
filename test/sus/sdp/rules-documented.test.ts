import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RULE_LEVELS } from '../../../src/sus/sdp/index.js';

const ROW = /^\| ((?:`[a-z-]+`(?:, )?)+) \| (wsus|catalog|wsus for items, else catalog) \| /gm;

test('docs/metadata.md lists each rule that is stricter than the schemas, with its level, and no other', () => {
  const rows = [...readFileSync('docs/metadata.md', 'utf8').matchAll(ROW)];
  const listed = rows.flatMap(([, names = '', level = '']) =>
    [...names.matchAll(/[a-z-]+/g)].map(([name]) => [name, level.split(' ').at(-1)] as const),
  );
  assert.deepEqual(listed.toSorted(), Object.entries(RULE_LEVELS).toSorted());
});
