import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SDP, SMC } from '../../../src/sus/namespaces.js';
import { checkSchema } from '../../../src/sus/schema/index.js';
import { parseXml, withoutLayout, writeXml, type XmlElement } from '../../../src/text/xml/index.js';
import { absent, SCHEMA, sdpSamples } from '../samples.js';
import { diceOf, mutate } from './mutate.js';

const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;
const skip = absent !== false ? absent : hasXmllint ? false : 'xmllint is absent';
const COUNT = 2_000;
const SEED = Number(process.env.PATCHPRESS_SEED ?? 20_261_128);

/** The numbers of the documents that xmllint refuses. */
function refused(documents: readonly string[]): ReadonlySet<number> {
  const folder = mkdtempSync(join(tmpdir(), 'patchpress-schema-'));
  try {
    const files = documents.map((document, index) => {
      writeFileSync(join(folder, `${index}.sdp`), document);
      return `${index}.sdp`;
    });
    const schema = join(process.cwd(), SCHEMA);
    const { stderr } = spawnSync('xmllint', ['--noout', '--schema', schema, ...files], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 256 << 20,
    });
    const seen = [...stderr.matchAll(/^(\d+)\.sdp (validates|fails to validate)$/gm)];
    assert.equal(seen.length, documents.length, 'xmllint answers for each document');
    return new Set(seen.filter(([, , answer]) => answer !== 'validates').map(([, index]) => Number(index)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * With the root that the public schema has, and without the blanks around vendors' return codes: XML Schema takes them
 * ([XML Schema 2] 4.3.6, a number's white space is collapsed), and libxml2 does not.
 */
function samples(): readonly XmlElement[] {
  return sdpSamples().map(({ bytes }) => {
    const root = withoutLayout(parseXml(bytes.toString('utf8').replace(/ Code="\s+/g, ' Code="')));
    return root.namespace === SMC.namespace ? { ...root, ...SDP } : root;
  });
}

test("vendors' documents are valid, with the root of catalogs too", { skip: absent }, () => {
  for (const { name, bytes } of sdpSamples()) assert.deepEqual(checkSchema(parseXml(bytes)), [], name);
});

test(`${COUNT} changed documents: the schema's answer is ours`, { skip }, () => {
  const dice = diceOf(SEED);
  const roots = samples();
  const documents = Array.from({ length: COUNT }, (_, index) =>
    writeXml(mutate(roots[index % roots.length] ?? assert.fail(), dice), {}),
  );
  const theirs = refused(documents);
  assert.ok(theirs.size > COUNT / 4 && theirs.size < COUNT * 0.95, `${theirs.size} refused`);
  const differing = documents.flatMap((document, index) => {
    const findings = checkSchema(parseXml(document));
    return findings.length > 0 === theirs.has(index)
      ? []
      : [{ index, findings, theirs: theirs.has(index), document }];
  });
  assert.deepEqual(
    differing.map(({ index, findings, theirs }) => ({ index, findings, theirs })),
    [],
  );
});
