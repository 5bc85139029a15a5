import { createHash } from 'node:crypto';
import { bufferSource } from '../../core/bytes.js';
import { PermanentError } from '../../core/errors.js';
import type { Machine } from '../../core/machine.js';
import { readMsi } from '../../formats/msi/index.js';
import type { Fixture, Fixtures } from '../vendor-site/fixtures.js';
import { isSilent, parseCommand } from './command.js';
import { relatedOf, withInstalled, withoutRelated } from './install.js';

/** winerror.h, msi.h and, for NSIS, its manual (appendix D). */
export const EXIT_CODE = {
  success: 0,
  /** NSIS: the user cancelled. That is how an installer ends that waits for a click where nobody is. */
  cancelled: 1,
  fileNotFound: 2,
  /** Inno Setup help, Setup Exit Codes: the user cancelled before the installation began. */
  innoCancelled: 2,
  badExecutable: 193,
  /** ERROR_INSTALL_USEREXIT */
  msiCancelled: 1602,
  /** ERROR_INSTALL_FAILURE */
  msiFailure: 1603,
  /** ERROR_INSTALL_PACKAGE_OPEN_FAILED: no such file */
  msiNotFound: 1619,
  /** ERROR_INSTALL_PACKAGE_INVALID */
  msiInvalid: 1620,
  /** ERROR_INSTALL_PLATFORM_UNSUPPORTED */
  msiOtherPlatform: 1633,
  /** ERROR_INVALID_COMMAND_LINE */
  msiCommandLine: 1639,
} as const;

const CANCELLED: Readonly<Record<Fixture['technology'], number>> = {
  msi: EXIT_CODE.msiCancelled,
  nullsoft: EXIT_CODE.cancelled,
  inno: EXIT_CODE.innoCancelled,
  exe: EXIT_CODE.cancelled,
};

/** Windows for ARM64 runs programs of all three architectures, Windows for x64 those of two. */
const RUNS_ON: Readonly<Record<Fixture['architecture'], readonly Machine['os']['architecture'][]>> = {
  x86: ['x86', 'x64', 'arm64'],
  x64: ['x64', 'arm64'],
  arm64: ['arm64'],
};

export interface RunResult {
  readonly machine: Machine;
  readonly exitCode: number;
}

/** Runs a file on the machine. What it is is told by its bytes alone, what it does by the manifest of what was built. */
export function runInstaller(
  fixtures: Fixtures,
  machine: Machine,
  file: { readonly name: string; readonly bytes: Buffer },
  commandLine: string,
): RunResult {
  const fail = (exitCode: number): RunResult => ({ machine, exitCode });
  const command = parseCommand(commandLine);
  if (command === null) return fail(EXIT_CODE.msiCommandLine);
  const isMsi = command.kind === 'msi';
  if (command.fileName.toLowerCase() !== file.name.toLowerCase()) {
    return fail(isMsi ? EXIT_CODE.msiNotFound : EXIT_CODE.fileNotFound);
  }
  const fixture = fixtures.bySha256(createHash('sha256').update(file.bytes).digest('hex'));
  if (fixture === null || (fixture.technology === 'msi') !== isMsi) {
    return fail(isMsi ? EXIT_CODE.msiInvalid : EXIT_CODE.badExecutable);
  }
  if (!isSilent(command, fixture)) return fail(CANCELLED[fixture.technology]);
  if (!RUNS_ON[fixture.architecture].includes(machine.os.architecture)) {
    return fail(isMsi ? EXIT_CODE.msiOtherPlatform : EXIT_CODE.badExecutable);
  }
  return isMsi ? runMsi(fixtures, machine, fixture, file.bytes) : succeed(withInstalled(machine, fixture));
}

function runMsi(fixtures: Fixtures, machine: Machine, fixture: Fixture, bytes: Buffer): RunResult {
  requireSameTables(fixture, bytes);
  const related = relatedOf(machine, fixture);
  // The same product again is maintenance: nothing changes.
  if (related.includes(fixture.installs.msi?.productCode ?? '')) return succeed(machine);
  if (hasNewer(fixtures, fixture, related)) return { machine, exitCode: EXIT_CODE.msiFailure };
  return succeed(withInstalled(withoutRelated(machine, fixture, fixtures), fixture));
}

function succeed(machine: Machine): RunResult {
  return { machine, exitCode: EXIT_CODE.success };
}

/** The launch condition of MajorUpgrade; the manifest lists versions from old to new. */
function hasNewer(fixtures: Fixtures, fixture: Fixture, related: readonly string[]): boolean {
  const place = (code: string | undefined) =>
    fixtures.shipped.findIndex(({ installs }) => installs.msi?.productCode === code);
  return related.some((code) => place(code) > place(fixture.installs.msi?.productCode));
}

/** The manifest must say what the file's own tables say: a lab that is built wrongly proves nothing. */
function requireSameTables(fixture: Fixture, bytes: Buffer): void {
  const { properties } = readMsi(bufferSource(bytes));
  const { msi } = fixture.installs;
  const stated = [msi?.productCode, msi?.upgradeCode, msi?.version];
  const found = ['ProductCode', 'UpgradeCode', 'ProductVersion'].map((name) => properties.get(name));
  if (stated.every((value, index) => value === found[index])) return;
  throw new PermanentError('internal', "the lab's manifest does not fit the installer", {
    where: fixture.path,
    expected: found.join(', '),
    found: stated.join(', '),
    nextStep: 'run scripts/build-fixtures.mjs and commit what it makes',
  });
}
