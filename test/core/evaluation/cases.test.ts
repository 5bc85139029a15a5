import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMachine } from '../../../src/config/machine.js';
import { evaluateRule } from '../../../src/core/evaluate.js';
import { readRule } from '../../../src/sus/rules/index.js';
import { parseXml } from '../../../src/text/xml/index.js';
import { CASES, MACHINES, PLACES, type Verdict } from './cases.js';

const machines = Object.fromEntries(
  Object.entries(MACHINES).map(([name, facts]) => [name, parseMachine(JSON.stringify(facts), name)]),
);

function verdictOf(xml: string, machineName: string): Verdict {
  const machine = machines[machineName];
  assert.ok(machine !== undefined);
  const { value, unknown } = evaluateRule(readRule(parseXml(xml)), machine);
  assert.equal(value && unknown, false, 'what is not known is never true');
  return unknown ? '?' : value ? 'T' : 'F';
}

for (const [source, cases] of Object.entries(CASES)) {
  describe(source, () => {
    for (const [rule, expected, on = 'pc'] of cases) {
      const xml = rule.replace(/\{([A-Z][a-z]+)\}/g, (_, place: string) => {
        assert.ok(PLACES[place] !== undefined, place);
        return PLACES[place];
      });
      test(`${rule} on ${on}: ${expected}`, () => assert.equal(verdictOf(xml, on), expected));
    }
  });
}

test('the table holds its cases', () => {
  assert.ok(Object.values(CASES).flat().length >= 150);
});
