import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeSdp } from '../../../src/sus/sdp/index.js';
import { temporaryFolder } from '../../formats/programs.js';
import { type Dice, diceOf } from '../../sus/schema/mutate.js';
import { generatedPackage } from '../../sus/sdp/generated.js';
import { checkedElsewhere, rulesIn } from './checkers.js';
import { seedHeaderFault, seedRandomFault } from './random-faults.js';
import { type CatalogDocumentSample, soundMembers, writeCatalogFile } from './seeded-faults.js';

/** The long form: PATCHPRESS_SEEDED_FAULTS=500. */
const ROUNDS = Number(process.env.PATCHPRESS_SEEDED_FAULTS ?? 12);
const SEED = Number(process.env.PATCHPRESS_SEED ?? 20_261_128);
type Documents = readonly CatalogDocumentSample[];

/** Of ordinary packages, then of packages that have all that may be written, as far as nothing at all is found in them. */
function soundCatalogs(path: string): readonly (Documents | undefined)[] {
  const generated = fc.sample(generatedPackage, { numRuns: 60, seed: SEED }).map((pkg) => ({
    packageId: pkg.properties.packageId,
    creationDate: pkg.properties.creationDate,
    sdp: writeSdp(pkg),
  }));
  const sound = generated.filter((one) => rulesIn(writeCatalogFile(soundMembers([one]), path)).length === 0);
  const catalogs = Array.from({ length: Math.floor(sound.length / 3) }, (_, n) =>
    sound.slice(n * 3, n * 3 + 3),
  );
  assert.ok(catalogs.length >= 10);
  return [undefined, ...catalogs];
}

function writeFaulty(documents: Documents | undefined, path: string, dice: Dice) {
  const members = soundMembers(documents);
  const isInHeader = dice(12) === 0;
  const what = isInHeader ? '' : seedRandomFault(members, dice);
  const bytes = writeCatalogFile(members, path);
  if (!isInHeader) return { what, bytes };
  const changed = seedHeaderFault(bytes, dice);
  writeFileSync(path, bytes);
  return { what: changed, bytes };
}

test(`of ${ROUNDS} changes anywhere in a catalog, all that the independent checker finds are found`, (t) => {
  const path = join(temporaryFolder(t), 'changed.cab');
  const dice = diceOf(SEED);
  const sound = soundCatalogs(path);
  let faulty = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const documents = sound[round % sound.length];
    const { what, bytes } = writeFaulty(documents, path, dice);
    const verdict = checkedElsewhere(path);
    if (verdict === null) return t.skip('the independent checker cannot be run here');
    if (verdict === 'sound') continue;
    faulty += 1;
    assert.notDeepEqual(rulesIn(bytes), [], `round ${round}: ${what}`);
  }
  assert.ok(faulty > ROUNDS / 2, `the checker found only ${faulty} of ${ROUNDS}`);
  return t.diagnostic(`the independent checker found ${faulty} of ${ROUNDS}`);
});
