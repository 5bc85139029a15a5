import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSdp, writeSdp } from '../../../src/sus/sdp/index.js';
import { mustRun, temporaryFolder } from '../../formats/programs.js';
import { SCHEMA } from '../samples.js';
import { generatedBundle, generatedPackage } from './generated.js';

const COUNT = Number(process.env.PATCHPRESS_PACKAGES ?? 300);
const SEED = Number(process.env.PATCHPRESS_SEED ?? 20_261_128);
const BATCH = 500;

test(`${COUNT} generated packages are read as they were, and xmllint accepts them`, (t) => {
  if (!existsSync(SCHEMA)) return t.skip('the schemas in ../shared are absent');
  const folder = temporaryFolder(t);
  const arbitrary = fc.oneof(
    { weight: 9, arbitrary: generatedPackage },
    { weight: 1, arbitrary: generatedBundle },
  );
  const files = fc.sample(arbitrary, { numRuns: COUNT, seed: SEED }).map((pkg, index) => {
    const text = writeSdp(pkg);
    // The generator's records have no prototype.
    assert.deepEqual(readSdp(text, `${index}`), structuredClone(pkg));
    writeFileSync(join(folder, `${index}.sdp`), text);
    return `${index}.sdp`;
  });
  assert.equal(files.length, COUNT);
  for (let from = 0; from < files.length; from += BATCH) {
    const batch = files.slice(from, from + BATCH);
    mustRun(t, 'xmllint', ['--noout', '--nonet', '--schema', resolve(SCHEMA), ...batch], folder);
  }
  return undefined;
});
