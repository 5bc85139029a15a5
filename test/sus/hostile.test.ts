import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PermanentError } from '../../src/core/errors.js';
import { coreFragment, extendedFragment } from '../../src/sus/fragments/index.js';
import { readSdp, validateSdp, writeSdp } from '../../src/sus/sdp/index.js';
import { readUsp, serverUpdate } from '../../src/sus/translate/index.js';
import { readCore, readExtended } from '../../src/verification/metadata.js';
import { pseudoRandom } from '../formats/programs.js';
import { absent, SAMPLES } from './samples.js';
import { PACKAGE } from './sdp/packages.js';

const random = pseudoRandom(20261124);
const ROUNDS = 300;
const SCRAPS = [
  '<',
  '/>',
  '"',
  '&',
  '&#0;',
  '&a;',
  '<!DOCTYPE a>',
  '',
  '\u0000',
  '-1',
  '9'.repeat(400),
  '\u202e',
  ...'aZ09{.- \u{1f4e6}',
];

/** One to three places overwritten with what breaks readers. */
function mutated(text: string): string {
  let result = text;
  for (let count = 1 + random.next(3); count > 0; count -= 1) {
    const at = random.next(result.length);
    const scrap = SCRAPS[random.next(SCRAPS.length)] ?? '';
    result = result.slice(0, at) + scrap + result.slice(at + random.next(3));
  }
  return result;
}

/** Runs a reader on mutations: it answers or throws PermanentError, nothing else. Returns how many it took. */
function hold(text: string, read: (mutation: string) => void): number {
  let taken = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const mutation = mutated(text);
    try {
      read(mutation);
      taken += 1;
    } catch (error) {
      assert.ok(error instanceof PermanentError, `${String(error)}\n${mutation}`);
    }
  }
  return taken;
}

test('a mutated document is read or refused, and what is written of it is sound', () => {
  const taken = hold(writeSdp(PACKAGE), (mutation) => {
    const pkg = readSdp(mutation, 'a mutation');
    if (validateSdp(pkg).length === 0) assert.deepEqual(readSdp(writeSdp(pkg), 'again'), pkg);
    else assert.throws(() => writeSdp(pkg), { code: 'package.invalid' });
  });
  assert.ok(taken > 30 && taken < ROUNDS, String(taken));
});

test('mutated server documents and fragments', { skip: absent }, () => {
  for (const name of ['synthetic/exe-arp-loop-both-views', 'synthetic/msp-patch']) {
    const usp = readFileSync(`${SAMPLES}/sus/${name}.usp.xml`, 'utf8');
    hold(usp, (mutation) => {
      const read = readUsp(mutation, 'a mutation');
      const update = serverUpdate(read.package, read.server);
      readCore(coreFragment(update), 'a mutation');
      readExtended(extendedFragment(update), 'a mutation');
    });
    const read = readUsp(usp, name);
    const update = serverUpdate(read.package, read.server);
    hold(coreFragment(update), (mutation) => readCore(mutation, 'a mutation'));
    hold(extendedFragment(update), (mutation) => readExtended(mutation, 'a mutation'));
  }
});

test('rules nested too deep are refused, not followed', () => {
  const open = '<lar:Not xmlns:lar="x">'.repeat(200);
  const core = `<UpdateIdentity UpdateID="${PACKAGE.properties.packageId}" RevisionNumber="1" /><Properties /><ApplicabilityRules><IsInstalled>${open}`;
  assert.throws(() => readCore(core, 'a test'), { code: 'payload.invalid' });
});
