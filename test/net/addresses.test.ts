import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { test } from 'node:test';
import { guardedLookup, isPublicAddress, refuseLiteral } from '../../src/net/addresses.js';

const NOT_PUBLIC = [
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  'not an address',
];

test('only unicast addresses of the Internet are public', () => {
  assert.deepEqual(NOT_PUBLIC.filter(isPublicAddress), []);
  assert.deepEqual(['140.82.121.4', '2606:50c0:8000::153', '::ffff:140.82.121.4'].filter(isPublicAddress), [
    '140.82.121.4',
    '2606:50c0:8000::153',
    '::ffff:140.82.121.4',
  ]);
});

test('a literal is judged with and without brackets; a name is not a literal', () => {
  assert.match(refuseLiteral('[::1]')?.message ?? '', /::1 is not a public address/);
  assert.match(refuseLiteral('127.0.0.1')?.message ?? '', /127\.0\.0\.1/);
  assert.equal(refuseLiteral('140.82.121.4'), null);
  assert.equal(refuseLiteral('localhost'), null);
});

test('one private address among the answers refuses the name', async () => {
  const mixed = answering([
    { address: '140.82.121.4', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ]);
  await assert.rejects(resolve(mixed, true), { name: 'AddressRefused', message: /10\.0\.0\.1/ });
  await assert.rejects(resolve(mixed, false), { name: 'AddressRefused' });
  await assert.rejects(resolve(answering([]), true), /no address/);
});

test('public answers are handed on in the form that was asked for', async () => {
  const both = [
    { address: '2606:50c0:8000::153', family: 6 },
    { address: '140.82.121.4', family: 4 },
  ];
  assert.deepEqual(await resolve(answering(both), true), both);
  assert.equal(await resolve(answering(both), false), '2606:50c0:8000::153');
});

function answering(addresses: readonly { address: string; family: number }[]): LookupFunction {
  return (_name, _options, callback) => callback(null, [...addresses]);
}

function resolve(lookup: LookupFunction, all: boolean): Promise<unknown> {
  return new Promise((done, fail) => {
    guardedLookup(lookup)('vendor.test', { all }, (error, address) => (error ? fail(error) : done(address)));
  });
}
