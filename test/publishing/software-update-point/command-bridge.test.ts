import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { PermanentError, RetryableError } from '../../../src/core/errors.js';
import { createCommandBridge } from '../../../src/publishing/software-update-point/command-bridge.js';
import { faultOf } from '../../../src/publishing/software-update-point/faults.js';
import { temporaryFolder } from '../../formats/programs.js';

const JOB_ID = 'job-1';
const ID = 'aaaaaaaa-1111-4222-8333-444444444444';
const NEVER = new AbortController().signal;

/** An executable that reads the job and runs `body` with it. */
function standIn(t: TestContext, body: string, timeoutMs = 20_000) {
  const file = join(temporaryFolder(t), 'far-side.mjs');
  writeFileSync(
    file,
    `let text = '';
for await (const piece of process.stdin) text += piece;
const job = JSON.parse(text);
const say = (value) => process.stdout.write(JSON.stringify(value));
const fail = (message, exception = null) => say({ protocol: 1, jobId: job.jobId, ok: false, error: { step: 'PublishPackage', message, exception } });
const answer = (result) => say({ protocol: 1, jobId: job.jobId, ok: true, result });
${body}`,
  );
  return createCommandBridge({ command: [process.execPath, file], timeoutMs, newId: () => JOB_ID });
}

const UPDATE = {
  packageId: ID.toUpperCase(),
  revision: 3,
  creationDate: '2026-11-24T10:00:00Z',
  isLocallyPublished: true,
  isExpired: false,
  hasContent: true,
};

describe('the bridge over an executable', () => {
  test('one JSON job goes in, one JSON result comes out', async (t) => {
    const bridge = standIn(
      t,
      `answer({ updates: [{ ...${JSON.stringify(UPDATE)}, seen: job.packageIds }] });`,
    );
    const { updates } = await bridge.call({ verb: 'list', packageIds: [ID] }, NEVER);
    // An older script does not tell what is declined.
    assert.deepEqual(updates, [{ ...UPDATE, packageId: ID, isDeclined: false, isMetadataOnly: false }]);
  });

  test('the job is ASCII whatever it holds, and its arguments see no shell', async (t) => {
    const body = `const plain = [...text].every((c) => c.charCodeAt(0) < 127);
answer({ update: { ...${JSON.stringify(UPDATE)}, revision: plain && job.files[0].name === 'Größe €$(id).exe' ? 1 : 0 } });`;
    const file = { name: 'Größe €$(id).exe', sha256: 'a'.repeat(64), sizeBytes: 1, url: 'https://x/' };
    const document = { packageId: ID, sdpBase64: 'PHNkcC8+' };
    const { update } = await standIn(t, body).call({ verb: 'publish', ...document, files: [file] }, NEVER);
    assert.equal(update.revision, 1);
  });

  test('jobs are worked off one by one', async (t) => {
    const log = join(temporaryFolder(t), 'log');
    const body = `const { appendFileSync } = await import('node:fs');
appendFileSync(${JSON.stringify(log)}, '<');
await new Promise((done) => setTimeout(done, 50));
appendFileSync(${JSON.stringify(log)}, '>');
answer({ updates: [] });`;
    const bridge = standIn(t, body);
    const call = { verb: 'list', packageIds: [] } as const;
    await Promise.all([bridge.call(call, NEVER), bridge.call(call, NEVER), bridge.call(call, NEVER)]);
    assert.equal(readFileSync(log, 'utf8'), '<><><>');
  });
});

type Kind = 'retryable' | 'permanent';

/** wsus-publishing 6.3: what the server says, and what we make of it. */
const SERVER_SAYS: readonly (readonly [
  message: string,
  exception: string | null,
  Kind,
  code: string,
  RegExp,
])[] = [
  [
    'CreateDirectory failed, Native error 5',
    'Win32Exception',
    'permanent',
    'target.refused',
    /NETWORK SERVICE/,
  ],
  [
    'CreateDirectory failed for \\\\s\\UpdateServicesPackages\\x (53)',
    null,
    'permanent',
    'target.refused',
    /rights/,
  ],
  ['CreateDirectory failed (Native 1326)', null, 'permanent', 'target.refused', /alias/],
  [
    'Verification of file signature failed for file: x.cab',
    null,
    'permanent',
    'target.refused',
    /Trusted Root/,
  ],
  ['Failed to sign package; error was: 2147954402', null, 'retryable', 'timestamp.unreachable', /timestamp/],
  ['Failed to sign package; error was: 2147954407', null, 'retryable', 'timestamp.unreachable', /resolve/],
  ['Failed to sign package; error was: 2149122451', null, 'retryable', 'timestamp.unreachable', /proxy/],
  ['The file is not signed: 0x800B0100', null, 'permanent', 'target.refused', /antivirus/],
  [
    'The request failed with HTTP status 403: Forbidden.',
    'WebException',
    'permanent',
    'target.refused',
    /8531/,
  ],
  [
    'element x is invalid',
    'System.Xml.Schema.XmlSchemaValidationException',
    'permanent',
    'target.refused',
    /report/,
  ],
  [
    'other updates depend on it',
    'InvalidOperationException',
    'permanent',
    'target.refused',
    /revise or delete/,
  ],
  ['Execution Timeout Expired.', 'SqlException', 'retryable', 'target.unreachable', /reindex SUSDB/],
  [
    'was deadlocked on lock resources: deadlock victim',
    'SqlException',
    'retryable',
    'target.unreachable',
    /SUSDB/,
  ],
  [
    'Could not create SSL/TLS secure channel.',
    'WebException',
    'permanent',
    'target.refused',
    /SchUseStrongCrypto/,
  ],
  ['exceeds the maximum: LocalPublishingMaxCabSize is 384', null, 'permanent', 'target.refused', /2 GB/],
  ['another bridge job holds the server', null, 'retryable', 'target.unreachable', /by itself/],
  [
    'Unable to connect to the remote server',
    'WebException',
    'retryable',
    'target.unreachable',
    /WsusService/,
  ],
  ['connect ECONNREFUSED 127.0.0.1:8531', null, 'retryable', 'target.unreachable', /WsusService/],
  ['the server is a replica', null, 'permanent', 'target.refused', /top-level/],
  ['Access is denied', 'UnauthorizedAccessException', 'permanent', 'target.refused', /WSUS Administrators/],
  ['something nobody has seen before\u001b[2J', null, 'permanent', 'target.refused', /event log/],
];

for (const [message, exception, kind, code, nextStep] of SERVER_SAYS) {
  test(`"${message.replace('\u001b', '')}" is ${kind}, ${code}`, async (t) => {
    const bridge = standIn(t, `fail(${JSON.stringify(message)}, ${JSON.stringify(exception)});`);
    const error = await bridge
      .call({ verb: 'expire', packageId: ID }, NEVER)
      .catch((found: unknown) => found);
    assert.ok(error instanceof RetryableError || error instanceof PermanentError);
    assert.equal(error instanceof RetryableError, kind === 'retryable');
    assert.equal(error.code, code);
    assert.match(error.nextStep ?? '', nextStep);
    assert.match(error.where ?? '', /expire: PublishPackage$/);
    assert.ok(!error.found?.includes('\u001b'));
  });
}

/** What cmdlets of the console say, by the one that was run. */
const SITE_SAYS: readonly (readonly [step: string, message: string, code: string, nextStep: RegExp])[] = [
  [
    'Save-CMSoftwareUpdate',
    'Invalid certificate signature',
    'target.refused',
    /Trusted Publishers of that machine/,
  ],
  ['New-CMSoftwareUpdateGroup', 'Access is denied', 'target.refused', /Software Update Manager/],
  ['Start-CMContentDistribution', 'No content destination was found.', 'target.refused', /SMSProv\.log/],
  ['Get-CMSoftwareUpdateGroup', 'Timeout expired', 'target.unreachable', /tried again/],
];

test('what a cmdlet of the console says is told with what helps in the site', () => {
  for (const [step, message, code, nextStep] of SITE_SAYS) {
    const fault = faultOf({ step, message, exception: 'Exception' }, 'ssh save-update');
    assert.deepEqual([fault.code, fault.where], [code, `ssh save-update: ${step}`]);
    assert.match(fault.nextStep ?? '', nextStep);
  }
});

/** What the way there does. */
const WAY: readonly (readonly [name: string, body: string, Kind, code: string, RegExp])[] = [
  [
    'ssh does not get through',
    'console.error("Permission denied"); process.exit(255);',
    'retryable',
    'target.unreachable',
    /ssh/,
  ],
  ['it ends without a word', 'process.exit(1);', 'retryable', 'target.unreachable', /probe/],
  ['it is killed', 'process.kill(process.pid, "SIGKILL");', 'retryable', 'target.unreachable', /probe/],
  [
    'it says something else',
    'process.stdout.write("Welcome to Windows");',
    'permanent',
    'protocol.violation',
    /script/,
  ],
  [
    'it answers another job',
    'job.jobId = "other"; answer({ updates: [] });',
    'permanent',
    'protocol.violation',
    /script/,
  ],
  [
    'it speaks another protocol',
    'say({ protocol: 2, jobId: job.jobId, ok: true, result: {} });',
    'permanent',
    'protocol.violation',
    /script/,
  ],
  [
    'its result is another one',
    'answer({ updates: [{ packageId: 1 }] });',
    'permanent',
    'protocol.violation',
    /script/,
  ],
  [
    'it says too much',
    'const piece = "x".repeat(1 << 20); for (let i = 0; i < 20; i += 1) process.stdout.write(piece);',
    'permanent',
    'protocol.violation',
    /standard output/,
  ],
];

for (const [name, body, kind, code, nextStep] of WAY) {
  test(`${name}: ${kind}, ${code}`, async (t) => {
    const call = standIn(t, body).call({ verb: 'list', packageIds: [ID] }, NEVER);
    const error = await call.catch((found: unknown) => found);
    assert.ok(error instanceof RetryableError || error instanceof PermanentError);
    assert.equal(error instanceof RetryableError, kind === 'retryable');
    assert.equal(error.code, code);
    assert.match(error.nextStep ?? '', nextStep);
  });
}

const FETCH: readonly (readonly [message: string, Kind, code: string, RegExp])[] = [
  ['The remote name could not be resolved', 'retryable', 'target.unreachable', /content\.baseUrl/],
  [
    'The remote server returned an error: (403) Forbidden.',
    'retryable',
    'target.unreachable',
    /content\.baseUrl/,
  ],
  [`a.exe: expected ${'0'.repeat(64)}, found other`, 'permanent', 'target.refused', /alters files/],
];

for (const [message, kind, code, nextStep] of FETCH) {
  test(`fetching fails with "${message}": ${kind}, ${code}`, () => {
    const fault = faultOf({ step: 'fetch', exception: 'System.Net.WebException', message }, 'ssh publish');
    assert.equal(fault instanceof RetryableError, kind === 'retryable');
    assert.equal(fault.code, code);
    assert.match(fault.nextStep ?? '', nextStep);
  });
}

test('what does not end in time is ended', async (t) => {
  const bridge = standIn(t, 'setInterval(() => undefined, 1000);', 300);
  await assert.rejects(bridge.call({ verb: 'probe' }, NEVER), {
    code: 'target.unreachable',
    found: 'no end within 0.3 seconds',
  });
});

test('a turn that is taken away ends it', async (t) => {
  const abort = new AbortController();
  const call = standIn(t, 'setInterval(() => undefined, 1000);').call({ verb: 'probe' }, abort.signal);
  abort.abort();
  await assert.rejects(call, { code: 'target.unreachable', found: 'the turn was taken away' });
});

test('a program that is not there is a matter of the settings; the next job goes on', async () => {
  const bridge = createCommandBridge({ command: ['/nowhere/ssh'], timeoutMs: 1000 });
  for (const _ of [1, 2]) {
    await assert.rejects(bridge.call({ verb: 'probe' }, NEVER), { code: 'configuration.invalid' });
  }
});
