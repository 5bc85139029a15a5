import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { z } from 'zod';
import {
  BRIDGE_PROTOCOL,
  BridgeAnswer,
  type BridgeCall,
  type BridgeVerb,
  RESULTS,
} from '../../../src/publishing/software-update-point/bridge.js';
import {
  all,
  functionsOf,
  hashKeysOf,
  membersOf,
  openPowerShell,
  type Tree,
  valuesOf,
} from './powershell.js';

const parse = await openPowerShell();
const script = parse(readFileSync('scripts/windows/patchpress-bridge.ps1', 'utf8'));

const packageId = 'aaaaaaaa-1111-4222-8333-444444444444';
const document = { packageId, sdpBase64: '' };
const file = { name: 'a.exe', sha256: '', sizeBytes: 1, url: 'https://patchpress.lab/' };

/** One job of each verb with all its members: the compiler keeps it complete. */
const JOBS: { readonly [V in BridgeVerb]: Required<Extract<BridgeCall, { readonly verb: V }>> } = {
  probe: { verb: 'probe', contentUrl: 'https://patchpress.lab' },
  cert: { verb: 'cert' },
  list: { verb: 'list', packageIds: [packageId] },
  'list-local': { verb: 'list-local' },
  'export-sdp': { verb: 'export-sdp', packageId },
  publish: { verb: 'publish', ...document, files: [file] },
  'publish-signed': { verb: 'publish-signed', ...document, cabinet: file },
  'publish-metadata': { verb: 'publish-metadata', ...document },
  revise: { verb: 'revise', ...document },
  resign: { verb: 'resign', ...document },
  expire: { verb: 'expire', packageId },
  decline: { verb: 'decline', packageId },
  undecline: { verb: 'undecline', packageId },
  delete: { verb: 'delete', packageId },
  'admin-service': {
    verb: 'admin-service',
    method: 'GET',
    address: 'https://site/AdminService/wmi/A',
    bodyText: null,
  },
  'publish-content': { verb: 'publish-content', ciId: 1 },
  'enable-product': { verb: 'enable-product', product: 'A' },
  'enable-classification': { verb: 'enable-classification', classification: 'Updates' },
  'update-group': { verb: 'update-group', group: 'A' },
  'add-to-update-group': { verb: 'add-to-update-group', group: 'A', ciId: 1 },
  'remove-from-update-group': { verb: 'remove-from-update-group', group: 'A', ciIds: [1] },
  'save-update': { verb: 'save-update', package: 'A', sourcePath: '\\\\server\\a', ciId: 1 },
  'distribute-package': { verb: 'distribute-package', package: 'A', pointGroup: 'A' },
  'deploy-update-group': {
    verb: 'deploy-update-group',
    group: 'A',
    collectionId: 'XYZ00012',
    isRequired: true,
    deadlineHours: 1,
  },
};

const sorted = (values: Iterable<string>): readonly string[] => [...new Set(values)].sort();

describe('the bridge script and this side of the bridge', () => {
  test('know the same verbs', () => {
    assert.deepEqual(sorted(valuesOf(script, '$job.verb')), sorted(Object.keys(RESULTS)));
    assert.deepEqual(sorted(Object.keys(JOBS)), sorted(Object.keys(RESULTS)));
  });

  test('know alike what the site is asked by its cmdlets', () => {
    const listed = all(script, 'assignment_expression').find((one) => one.text.startsWith('$SiteVerbs ='));
    const [asked] = functionsOf(script).filter(({ name }) => name === 'Invoke-SiteJob');
    assert.ok(listed && asked);
    const verbs = all(listed, 'verbatim_string_characters').map(({ text }) => text.slice(1, -1));
    assert.deepEqual(sorted(verbs), sorted(valuesOf(asked.body, '$job.verb')));
    assert.equal(verbs.length, 9);
  });

  test('speak the same protocol', () => {
    const stated = all(script, 'assignment_expression').find((one) => one.text.startsWith('$Protocol ='));
    assert.equal(stated?.text, `$Protocol = ${BRIDGE_PROTOCOL}`);
  });

  test('name the members of a job alike', () => {
    const sent = Object.values(JOBS).flatMap((job) => Object.keys(job));
    assert.deepEqual(sorted(membersOf(script, '$Job')), sorted([...sent, 'protocol', 'jobId']));
  });

  test('name the members of a file alike', () => {
    const read = [...membersOf(script, '$File')].filter((name) => name !== 'Hash' && name !== 'Name');
    const measured = all(script, 'command')
      .filter((one) => one.text.startsWith('Measure-Object'))
      .flatMap((one) => /-Property (\w+)/.exec(one.text)?.[1] ?? []);
    assert.deepEqual(sorted([...read, ...measured]), sorted(Object.keys(file)));
  });

  test('name the members of a result alike', () => {
    const expected = [...Object.values(RESULTS), BridgeAnswer].flatMap((schema) =>
      namesIn(z.toJSONSchema(schema, UNREAD)),
    );
    const assigned = ['$listed', '$answer'].flatMap((variable) => [...membersOf(script, variable)]);
    const stated = [...hashKeysOf(script), ...assigned];
    assert.deepEqual(sorted(stated), sorted(expected));
  });

  test('the recorder takes what is given to the script it stands before', () => {
    const recorder = parse(readFileSync('scripts/windows/record-trace.ps1', 'utf8'));
    const own = parametersOf(script).filter((name) => name !== '$WorkFolder');
    assert.deepEqual(parametersOf(recorder), [...own, '$TraceFolder']);
  });

  test('what changes the server is done one job at a time', () => {
    const callers = functionsOf(script).filter(({ body }) =>
      all(body, 'command_name').some(({ text }) => text === 'Invoke-Job'),
    );
    assert.deepEqual(
      callers.map(({ name }) => name),
      ['Invoke-Exclusively'],
    );
  });
});

/** Of the script itself, in their order. */
function parametersOf(tree: Tree): readonly string[] {
  const [first] = all(tree, 'param_block');
  const parameters = first === undefined ? [] : all(first, 'script_parameter');
  return parameters.flatMap((one) => one.namedChildren.find(({ type }) => type === 'variable')?.text ?? []);
}

const UNREAD = { unrepresentable: 'any', io: 'input' } as const;

/** The names of all properties of a JSON Schema, at whatever depth. */
function namesIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(namesIn);
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'properties' && typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)])
      : namesIn(value),
  );
}
