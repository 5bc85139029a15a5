import { loadSettings } from '../../config/settings.js';
import { PermanentError, printable } from '../../core/errors.js';
import type { ProbedServer } from '../../publishing/software-update-point/bridge.js';
import { bridgeFrom } from '../configure.js';
import { EXIT, type OutputOptions, show } from './output.js';

/** `patchpress bridge probe`: whether the update server can be reached and published to. Nothing is changed. */
export async function probeBridge(options: OutputOptions): Promise<number> {
  const bridge = bridgeFrom(loadSettings());
  if (bridge === null) {
    throw new PermanentError('configuration.invalid', 'no Software Update Point is configured', {
      expected: 'softwareUpdatePoint.command in the settings',
      found: 'none',
      nextStep: 'docs/windows-bridge.md says how to set it up',
    });
  }
  const server = await bridge.call({ verb: 'probe' }, new AbortController().signal);
  const findings = findingsOf(server);
  show(options, { server, findings }, () => describeServer(server, findings));
  return findings.length === 0 ? EXIT.ok : EXIT.negative;
}

/** What keeps the server from being published to. */
export function findingsOf(
  { isReplica, role, certificate }: ProbedServer,
  now = new Date(),
): readonly string[] {
  const findings: string[] = [];
  if (isReplica) findings.push('it is a replica: point the bridge at the top-level Software Update Point');
  if (role !== 'Administrator') findings.push('the account is no WSUS administrator');
  if (certificate === null) findings.push('it has no signing certificate: import one (PFX) into WSUS');
  else if (Date.parse(certificate.notAfter) < now.getTime())
    findings.push('its signing certificate has expired');
  return findings;
}

function describeServer(server: ProbedServer, findings: readonly string[]): string {
  const { version, role, certificate, maxCabSizeMb } = server;
  const signs = certificate === null ? 'none' : `${certificate.subject} until ${certificate.notAfter}`;
  return [
    `WSUS ${version}, as ${role}, cabinets up to ${maxCabSizeMb ?? '?'} MB`,
    `signing certificate: ${signs}`,
    ...findings.map((finding) => `not ready: ${finding}`),
    ...(findings.length === 0 ? ['It can be published to.'] : []),
  ]
    .map((line) => printable(line, 2000))
    .join('\n');
}
