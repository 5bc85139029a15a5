import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export interface ProgramRun {
  readonly status: number;
  readonly stdout: Buffer;
  readonly output: string;
}

/** Null where the program is not installed: the caller skips aloud. */
export function runProgram(name: string, args: readonly string[], cwd: string): ProgramRun | null {
  const run = spawnSync(name, args, { cwd, maxBuffer: 64 << 20, timeout: 60_000 });
  if (run.error !== undefined && 'code' in run.error && run.error.code === 'ENOENT') return null;
  if (run.error !== undefined) throw run.error;
  return { status: run.status ?? -1, stdout: run.stdout, output: `${run.stdout}${run.stderr}` };
}

/** Runs it, or skips the test aloud and answers null; throws when it fails. */
export function mustRun(
  t: TestContext,
  name: string,
  args: readonly string[],
  cwd: string,
): ProgramRun | null {
  const run = runProgram(name, args, cwd);
  if (run === null) t.skip(`${name} is not installed`);
  else if (run.status !== 0)
    throw new Error(`${name} ${args.join(' ')} ended with ${run.status}: ${run.output}`);
  return run;
}

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'patchpress-formats-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const WXS = `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="{11111111-2222-3333-4444-555555555555}" Name="Sample Tool" Language="1033" Version="4.5.6"
           Manufacturer="Sample Vendor" UpgradeCode="{AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE}">
    <Package InstallerVersion="200" Compressed="yes" Comments="caf\u00e9" />
    <Media Id="1" Cabinet="app.cab" EmbedCab="yes" />
    <Property Id="ALLUSERS" Value="1" />
    <Property Id="LONGTEXT" Value="FILLER" />
    EXTRA
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="PROGRAMFILES">
        <Directory Id="INSTALLDIR" Name="Sample">
          <Component Id="App" Guid="{12345678-1234-1234-1234-1234567890AB}" WIN64>
            <File Id="AppFile" Name="app.txt" Source="app.txt" KeyPath="yes" />
            <RegistryKey Root="HKLM" Key="Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Sample Tool">
              <RegistryValue Name="DisplayName" Type="string" Value="[ProductName] (suite)" />
              <RegistryValue Name="DisplayVersion" Type="string" Value="4.5.6.0" />
              <RegistryValue Name="InstallLocation" Type="string" Value="[INSTALLDIR]" />
            </RegistryKey>
          </Component>
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="Main" Level="1"><ComponentRef Id="App" /></Feature>
  </Product>
</Wix>
`;

export interface MsiSample {
  readonly architecture: 'x86' | 'x64';
  /** Of the one file that it installs. */
  readonly content?: Buffer;
  /** More elements of Product. */
  readonly extra?: string;
}

/** Builds `sample.msi` with wixl; null (and a skip) where it is not installed. */
export function buildMsi(t: TestContext, folder: string, sample: MsiSample): string | null {
  const is64 = sample.architecture === 'x64';
  const text = WXS.replace('EXTRA', sample.extra ?? '')
    .replace('FILLER', 'x'.repeat(70_000))
    .replace('PROGRAMFILES', is64 ? 'ProgramFiles64Folder' : 'ProgramFilesFolder')
    .replace('WIN64', is64 ? 'Win64="yes"' : '');
  writeFileSync(join(folder, 'app.txt'), sample.content ?? 'hello '.repeat(2000));
  writeFileSync(join(folder, 'sample.wxs'), text);
  const built = mustRun(t, 'wixl', ['-a', sample.architecture, '-o', 'sample.msi', 'sample.wxs'], folder);
  return built === null ? null : join(folder, 'sample.msi');
}

const NSI = `Unicode true
Name "Sample Setup"
OutFile "sample.exe"
RequestExecutionLevel admin
VIProductVersion "24.9.0.0"
VIFileVersion "24.9.0.7"
VIAddVersionKey /LANG=1033 "ProductName" "Sample Setup"
VIAddVersionKey /LANG=1033 "CompanyName" "Sample Vendor GmbH"
VIAddVersionKey /LANG=1033 "FileVersion" "24.09 (\u00fc)"
Section
  SetOutPath $TEMP
  File app.txt
SectionEnd
`;

/** Builds `sample.exe` with makensis; null (and a skip) where it is not installed. */
export function buildNsis(t: TestContext, folder: string): string | null {
  writeFileSync(join(folder, 'app.txt'), 'hello '.repeat(2000));
  writeFileSync(join(folder, 'sample.nsi'), NSI);
  const built = mustRun(t, 'makensis', ['-V1', '-INPUTCHARSET', 'UTF8', 'sample.nsi'], folder);
  return built === null ? null : join(folder, 'sample.exe');
}

/** A generator of the same "random" bytes every time (xorshift32). */
export function pseudoRandom(seed: number): { next(limit: number): number; bytes(length: number): Buffer } {
  let state = seed >>> 0 || 1;
  const next = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % limit;
  };
  return { next, bytes: (length) => Buffer.from(Array.from({ length }, () => next(256))) };
}
