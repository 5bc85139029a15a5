import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashesOf, isUntouched, renew } from '../../../src/config/drafts/renewal.js';

const written = {
  id: 'A.B',
  name: 'Old',
  feeds: [{ type: 'json', url: 'https://a.test' }],
  homepage: 'https://a.test',
};
const fresh = { ...written, name: 'New', feeds: [{ type: 'html', url: 'https://b.test' }], license: 'MIT' };

test('what nobody touched is renewed, members that come and go too', () => {
  const { homepage: _, ...without } = fresh;
  const renewed = renew(written, hashesOf(written), without);
  assert.deepEqual(renewed.members, without);
  assert.deepEqual(renewed.hashes, hashesOf(without));
  assert.deepEqual(renewed.kept, []);
});

test('what a person changed, added or removed stays, also the next time', () => {
  const { homepage: _, ...standing } = { ...written, name: 'Mine', severity: 'Critical' };
  const once = renew(standing, hashesOf(written), fresh);
  assert.deepEqual(once.kept.toSorted(), ['homepage', 'name', 'severity']);
  const { homepage: _gone, ...expected } = { ...fresh, name: 'Mine', severity: 'Critical' };
  assert.deepEqual(once.members, expected);
  const twice = renew(once.members, once.hashes, { ...fresh, name: 'Newer' });
  assert.deepEqual(twice.members, expected);
});

test('layout and the order of members are no change; the same edit as the facts later make is none either', () => {
  const turned = { ...written, feeds: [{ url: 'https://a.test', type: 'json' }] };
  assert.ok(isUntouched(turned, hashesOf(written)));
  assert.ok(!isUntouched({ ...written, name: 'Mine' }, hashesOf(written)));
  assert.ok(!isUntouched({ ...written, severity: 'Low' }, hashesOf(written)));
  assert.deepEqual(renew({ ...written, name: 'New' }, hashesOf(written), fresh).kept, []);
});
