import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBesideReader } from '../../src/feeds/beside.js';
import { createMembersReader } from '../../src/feeds/xml/members.js';
import { parseXml } from '../../src/text/xml/index.js';
import { compileXPath } from '../../src/text/xpath/index.js';

const ADDRESS = 'https://vendor.test/versions';

test('an object is read once, however many versions stand in it', () => {
  const readingsFor = (count: number): number => {
    let readings = 0;
    const versions = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`v${at}`, `1.${at}`]));
    const value = new Proxy(
      { ...versions, url: 'https://vendor.test/app.msi' },
      {
        ownKeys(target) {
          readings += 1;
          return Reflect.ownKeys(target);
        },
      },
    );
    const besideOf = createBesideReader(ADDRESS);
    const parent = { key: null, value, parent: null };
    for (let at = 0; at < count; at += 1) {
      const { assets } = besideOf({ key: `v${at}`, value: `1.${at}`, parent });
      assert.deepEqual(
        assets?.map(({ name }) => name),
        ['app.msi'],
      );
    }
    return readings;
  };
  assert.equal(readingsFor(500), readingsFor(1));
});

test('texts of one XML element have the same members around them', () => {
  const places = compileXPath('//v').findLenient(
    parseXml('<all date="2026-01-02"><v>1.1</v><v>1.2</v><v>1.3</v></all>'),
  );
  const membersAround = createMembersReader();
  const [first, ...others] = places.map(({ node }) => node && membersAround(node).parent?.value);
  assert.deepEqual({ ...(first as object) }, { date: '2026-01-02', v: ['1.1', '1.2', '1.3'] });
  for (const other of others) assert.equal(other, first);
});
