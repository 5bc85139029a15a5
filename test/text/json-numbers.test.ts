import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../src/text/json.js';
import { scalarText } from '../../src/text/json-numbers.js';
import { compileJsonPath } from '../../src/text/json-path/index.js';

/** Each number of a document at `$.v`, and how it is read. */
const NUMBERS: readonly (readonly [json: string, text: string])[] = [
  ['{"v": 1.10}', '1.10'],
  ['{"v": 2.0}', '2.0'],
  ['{"v": 90071992547409931234}', '90071992547409931234'],
  ['{"v": 12}', '12'],
  ['{"v": 1e2}', '100'],
  ['{"v": "1.10"}', '1.10'],
  ['{"other": "\\\\\\" 7 \\\\", "v": 3.20, "w": "\\""}', '3.20'],
  ['{"v": 1.10, "v": 1.20}', '1.20'],
  ['{"__proto__": {"v": 1.0}, "v": 4.50}', '4.50'],
];

test('a number is read as it was written', () => {
  for (const [json, expected] of NUMBERS) {
    const [node] = compileJsonPath('$.v').find(parseJson(json));
    assert.equal(scalarText(node as Parameters<typeof scalarText>[0]), expected, json);
  }
});

test('a number of what is no JSON text is the number that it is', () => {
  const [node] = compileJsonPath('$.v').find({ v: 1.1 });
  assert.equal(scalarText(node as Parameters<typeof scalarText>[0]), '1.1');
});
