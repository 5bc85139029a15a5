import assert from 'node:assert/strict';
import test from 'node:test';
import { PermanentError } from '../../../src/core/errors.js';
import type { Machine } from '../../../src/core/machine.js';
import type { CanaryUpdate } from '../../../src/core/ports.js';
import { createCanaryMachines, EXIT_CODE, windows11 } from '../../../src/lab/machines/index.js';
import type { Fixture } from '../../../src/lab/vendor-site/index.js';
import { fixtureOf, fixtures } from '../fixtures.js';

const machines = createCanaryMachines(fixtures);
const newest = fixtures.shipped.filter(({ stage }) => stage !== 'older');

function updateOf({ productId, version, variant }: Fixture): CanaryUpdate {
  const packageId = 'ffffffff-0000-0000-0000-000000000000';
  return { packageId, revision: 1, productId, version, variant, supersedes: [] };
}

function fileOf(fixture: Fixture) {
  return { name: fixture.fileName, bytes: fixtures.read(fixture) };
}

/** The command lines of src/verification/command.ts. */
function silently({ technology, fileName }: Fixture): string {
  if (technology === 'msi') return `msiexec.exe /i "${fileName}" /qn REBOOT=ReallySuppress`;
  return `"${fileName}" ${technology === 'inno' ? '/VERYSILENT /SUPPRESSMSGBOXES /NORESTART /SP-' : '/S'}`;
}

const BARE = windows11();

/** `view DisplayName DisplayVersion` of every entry in Apps that a fresh Windows does not have. */
function appsOf(machine: Machine): readonly string[] {
  return (['64', '32'] as const).flatMap((view) =>
    Object.entries(machine.registry[view])
      .filter(([key, values]) => BARE.registry[view][key] === undefined && values.DisplayName !== undefined)
      .map(([, values]) => `${view} ${values.DisplayName?.value} ${values.DisplayVersion?.value}`),
  );
}

test('three machines per update, by what the installers write', async () => {
  const seen = await Promise.all(
    newest.map(async (fixture) => {
      const of = (role: 'missing' | 'older' | 'current') => machines.machine(role, updateOf(fixture));
      return [appsOf(await of('missing')), appsOf(await of('older')), appsOf(await of('current'))];
    }),
  );
  assert.deepEqual(seen, [
    [[], ['64 Node.js 26.6.0'], ['64 Node.js 26.7.0']],
    [[], ['64 Node.js 26.7.0'], ['64 Node.js 26.8.0']],
    [[], ['64 Notepad++ (64-bit x64) 8.9.6.4'], ['64 Notepad++ (64-bit x64) 8.9.7']],
    [[], ['32 PuTTY release 0.84 0.84.0.0'], ['32 PuTTY release 0.85 0.85.0.0']],
    [[], ['64 KeePassXC 2.7.11'], ['64 KeePassXC 2.7.12']],
    [[], ['64 7-Zip 26.01 (x64 edition) 26.01.00.0'], ['64 7-Zip 26.02 (x64 edition) 26.02.00.0']],
    [[], ['64 7-Zip 26.02 (x64 edition) 26.02.00.0'], ['64 7-Zip 26.03 (x64 edition) 26.03.00.0']],
    [[], ['64 WinMerge 2.16.56.0 x64 2.16.56.0'], ['64 WinMerge 2.16.58.0 x64 2.16.58.0']],
    [[], ['64 Git 2.55.0.4'], ['64 Git 2.55.0.5']],
    [[], ['32 WinSCP 6.5.5 6.5.5'], ['32 WinSCP 6.5.6 6.5.6']],
    [[], ['32 WinSCP 6.5.6 6.5.6'], ['32 WinSCP 6.5.7 6.5.7']],
    [[], ['64 PowerShell 7-arm64 7.6.4.0'], ['64 PowerShell 7-arm64 7.6.5.0']],
    [[], ['64 Wireshark 4.6.7 x64 4.6.7'], ['64 Wireshark 4.6.8 x64 4.6.8']],
    [[], ['64 VLC media player 3.0.21'], ['64 VLC media player 3.0.23']],
    [[], ['64 PDF-XChange Editor 10.6.0.396'], ['64 PDF-XChange Editor 11.0.1.0']],
  ]);
});

test('a silent installation makes the older machine the current one', async () => {
  for (const fixture of newest) {
    const update = updateOf(fixture);
    const older = await machines.machine('older', update);
    const ran = await machines.run(older, fileOf(fixture), silently(fixture));
    assert.equal(ran.exitCode, EXIT_CODE.success, fixture.fileName);
    assert.deepEqual(ran.machine, await machines.machine('current', update));
    const again = await machines.run(ran.machine, fileOf(fixture), silently(fixture));
    assert.equal(again.exitCode, EXIT_CODE.success);
    assert.deepEqual(again.machine, ran.machine);
  }
});

test('the machine that was given is not changed', async () => {
  const [fixture] = newest;
  assert.ok(fixture !== undefined);
  const older = await machines.machine('older', updateOf(fixture));
  const before = structuredClone(older);
  await machines.run(older, fileOf(fixture), silently(fixture));
  assert.deepEqual(older, before);
});

test('the same MSI again is maintenance, an older one refuses', async () => {
  const current = fixtureOf('PuTTY.PuTTY', '0.85', 'x86/msi/any/machine');
  const older = fixtureOf('PuTTY.PuTTY', '0.84', 'x86/msi/any/machine');
  const machine = await machines.machine('current', updateOf(current));
  const back = await machines.run(machine, fileOf(older), silently(older));
  assert.equal(back.exitCode, EXIT_CODE.msiFailure);
  assert.equal(back.machine, machine);
});

test('what is not silent, not known or not named fails as Windows fails', async () => {
  const msi = fixtureOf('OpenJS.NodeJS', '26.7.0', 'x64/msi/any/machine');
  const exe = fixtureOf('Notepad++.Notepad++', '8.9.7', 'x64/nullsoft/any/machine');
  const inno = fixtureOf('WinSCP.WinSCP', '6.5.6', 'x86/inno/any/machine');
  const machine = await machines.machine('missing', updateOf(msi));
  const other = Buffer.from(fixtures.read(msi));
  other.writeUInt8(1, other.length - 1);
  const cases: readonly [string, { name: string; bytes: Buffer }, string, number][] = [
    ['an MSI with its window', fileOf(msi), `msiexec.exe /i "${msi.fileName}"`, 1602],
    ['an EXE with its window', fileOf(exe), `"${exe.fileName}"`, 1],
    ['NSIS does not know /s', fileOf(exe), `"${exe.fileName}" /s`, 1],
    ['an Inno Setup with its window', fileOf(inno), `"${inno.fileName}" /SP- /NORESTART`, 2],
    ['Inno Setup does not know /S', fileOf(inno), `"${inno.fileName}" /S`, 2],
    ['NSIS does not know /VERYSILENT', fileOf(exe), `"${exe.fileName}" /VERYSILENT`, 1],
    ['another file is named', fileOf(msi), 'msiexec.exe /i "other.msi" /qn', 1619],
    ['another program is named', fileOf(exe), '"other.exe" /S', 2],
    ['unknown bytes', { name: msi.fileName, bytes: other }, silently(msi), 1620],
    ['an EXE as a package', fileOf(exe), `msiexec.exe /i "${exe.fileName}" /qn`, 1620],
    ['a package as a program', fileOf(msi), `"${msi.fileName}" /S`, 193],
    ['no package', fileOf(msi), 'msiexec.exe /qn', 1639],
    ['nothing', fileOf(msi), '', 1639],
  ];
  for (const [what, file, commandLine, exitCode] of cases) {
    const ran = await machines.run(machine, file, commandLine);
    assert.equal(ran.exitCode, exitCode, what);
    assert.equal(ran.machine, machine, what);
  }
});

test('programs for ARM64 have machines of their own, and run on no other', async () => {
  const arm64 = fixtureOf('Microsoft.PowerShell', '7.6.5', 'arm64/msi/any/machine');
  const x86 = fixtureOf('PuTTY.PuTTY', '0.85', 'x86/msi/any/machine');
  for (const role of ['missing', 'older', 'current'] as const) {
    assert.equal((await machines.machine(role, updateOf(arm64))).os.architecture, 'arm64');
    assert.equal((await machines.machine(role, updateOf(x86))).os.architecture, 'x64');
  }
  const onX64 = await machines.machine('missing', updateOf(x86));
  assert.equal((await machines.run(onX64, fileOf(arm64), silently(arm64))).exitCode, 1633);
  const onArm64 = await machines.machine('missing', updateOf(arm64));
  assert.equal((await machines.run(onArm64, fileOf(x86), silently(x86))).exitCode, 0);
});

test('an x64 package does not run on an x86 machine', async () => {
  const msi = fixtureOf('OpenJS.NodeJS', '26.7.0', 'x64/msi/any/machine');
  const machine = await machines.machine('missing', updateOf(msi));
  const x86 = { ...machine, os: { ...machine.os, architecture: 'x86' as const } };
  assert.equal((await machines.run(x86, fileOf(msi), silently(msi))).exitCode, 1633);
});

test('a version that was never built makes no machine', async () => {
  const [fixture] = newest;
  assert.ok(fixture !== undefined);
  const notFound = (error: unknown) => error instanceof PermanentError && error.code === 'not-found';
  await assert.rejects(machines.machine('older', { ...updateOf(fixture), version: '26.6.0' }), notFound);
  await assert.rejects(machines.machine('current', { ...updateOf(fixture), version: '27.0.0' }), notFound);
});
