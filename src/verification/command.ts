import { readFileSync, statSync } from 'node:fs';
import type { InstallHandler } from '../core/update.js';
import { type ContentFile, HRESULT, InstallRefused, withCabinet } from './payload.js';

const MAX_FILE_BYTES = 2 * 1024 * 1024 * 1024 - 1;

/** What the agent runs: the file out of the cabinet and its command line. */
export interface InstallCommand {
  readonly file: {
    readonly name: string;
    readonly sizeBytes: number;
    /** All of it at once. */
    read(): Buffer;
  };
  readonly commandLine: string;
}

/** The handler's own program must be in the content: nothing else is ever run. Throws InstallRefused. */
export function planCommand(handler: InstallHandler | null, content: readonly ContentFile[]): InstallCommand {
  const plan = lineOf(handler, content);
  const file = fileNamed(plan.name, content);
  if (file === null) {
    throw new InstallRefused(HRESULT.invalidMetadata, `${plan.name} is not in the cabinet of the update`);
  }
  return { file, commandLine: plan.line.filter((part) => part !== '').join(' ') };
}

function fileNamed(name: string, content: readonly ContentFile[]): InstallCommand['file'] | null {
  for (const { name: own, path, isCabinet } of content) {
    const found = isCabinet ? memberNamed(name, path) : null;
    if (found !== null) return found;
    if (isCabinet || own.toLowerCase() !== name.toLowerCase()) continue;
    return { name: own, sizeBytes: statSync(path).size, read: () => readFileSync(path) };
  }
  return null;
}

/** It is expanded piece by piece, so that one that cannot be is refused here, whatever its size. */
function memberNamed(name: string, path: string): InstallCommand['file'] | null {
  return withCabinet(path, (cabinet) => {
    const member = cabinet.find(name);
    if (member === null) return null;
    let sizeBytes = 0;
    for (const piece of cabinet.pieces(member)) sizeBytes += piece.length;
    const read = () => withCabinet(path, (again) => again.extract(member, MAX_FILE_BYTES));
    return { name: member.name, sizeBytes, read };
  });
}

/** MspData names no file: it is the one patch of the content. */
function patchIn(content: readonly ContentFile[]): string {
  const names = content.flatMap(({ name, path, isCabinet }) =>
    isCabinet ? withCabinet(path, ({ members }) => members.map((member) => member.name)) : [name],
  );
  const patches = names.filter((name) => /\.msp$/i.test(name));
  const [patch] = patches;
  if (patch !== undefined && patches.length === 1) return patch;
  throw new InstallRefused(HRESULT.invalidMetadata, `${patches.length} patches (.msp) in the content`);
}

function lineOf(
  handler: InstallHandler | null,
  content: readonly ContentFile[],
): { readonly name: string; readonly line: readonly string[] } {
  switch (handler?.kind) {
    case 'CommandLineInstallerData':
      return { name: handler.program, line: [`"${handler.program}"`, handler.arguments] };
    case 'MsiInstallerData': {
      const silent = ['/qn', 'REBOOT=ReallySuppress', handler.commandLine ?? ''];
      return { name: handler.msiFile, line: ['msiexec.exe', '/i', `"${handler.msiFile}"`, ...silent] };
    }
    case 'MspInstallerData': {
      const name = patchIn(content);
      const silent = ['/qn', 'REBOOT=ReallySuppress', handler.commandLine ?? ''];
      return { name, line: ['msiexec.exe', '/p', `"${name}"`, ...silent] };
    }
    case undefined:
      throw new InstallRefused(HRESULT.invalidMetadata, 'the update has no handler data');
    default:
      throw new InstallRefused(HRESULT.invalidMetadata, `this client cannot run ${handler?.kind ?? 'it'}`);
  }
}

/** ERROR_SUCCESS_REBOOT_INITIATED and ERROR_SUCCESS_REBOOT_REQUIRED of Windows Installer. */
const MSI_RESTART: ReadonlySet<number> = new Set([1641, 3010]);

/** By the ReturnCode table, else the default result (CommandLineInstallation.xsd); Windows Installer has its own. */
export function resultOf(
  handler: InstallHandler | null,
  exitCode: number,
): { readonly outcome: 'succeeded' | 'failed'; readonly restart: boolean } {
  if (handler?.kind !== 'CommandLineInstallerData') {
    const restart = MSI_RESTART.has(exitCode);
    return { outcome: exitCode === 0 || restart ? 'succeeded' : 'failed', restart };
  }
  const entry = handler.returnCodes.find((candidate) => candidate.code === exitCode);
  const result = entry?.result ?? handler.defaultResult;
  return {
    outcome: result === 'Succeeded' ? 'succeeded' : 'failed',
    restart: entry?.reboot ?? handler.rebootByDefault,
  };
}
