import type { InstallHandler } from '../core/update.js';
import type { Cabinet } from '../formats/cab/index.js';
import { HRESULT, InstallRefused } from './payload.js';

const MAX_FILE_BYTES = 2 * 1024 * 1024 * 1024 - 1;

/** What the agent runs: the file out of the cabinet and its command line. */
export interface InstallCommand {
  readonly file: { readonly name: string; readonly bytes: Buffer };
  readonly commandLine: string;
}

/** The handler's own program must be inside the cabinet: nothing else is ever run. Throws InstallRefused. */
export function planCommand(handler: InstallHandler | null, members: Cabinet): InstallCommand {
  const plan = lineOf(handler);
  const member = members.find(plan.name);
  if (member === null) {
    throw new InstallRefused(HRESULT.invalidMetadata, `${plan.name} is not in the cabinet of the update`);
  }
  const file = { name: member.name, bytes: members.extract(member, MAX_FILE_BYTES) };
  return { file, commandLine: plan.line.filter((part) => part !== '').join(' ') };
}

function lineOf(handler: InstallHandler | null): { readonly name: string; readonly line: readonly string[] } {
  switch (handler?.kind) {
    case 'CommandLineInstallerData':
      return { name: handler.program, line: [`"${handler.program}"`, handler.arguments] };
    case 'MsiInstallerData': {
      const silent = ['/qn', 'REBOOT=ReallySuppress', handler.commandLine ?? ''];
      return { name: handler.msiFile, line: ['msiexec.exe', '/i', `"${handler.msiFile}"`, ...silent] };
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
