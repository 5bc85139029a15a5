import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Device } from './devices.js';

const SCAN = '../shared/tools/wusp_scan.py';
const run = promisify(execFile);

/** Null, or why the independent client (python3-zeep over the protocol's WSDLs) cannot be asked here. */
export async function whyNoWitness(): Promise<string | null> {
  if (!existsSync(SCAN)) return `${SCAN} is absent`;
  const hasZeep = await run('/usr/bin/python3', ['-c', 'import zeep']).then(
    () => true,
    () => false,
  );
  return hasZeep ? null : 'python3-zeep is not installed';
}

/** UpdateIDs, sorted, of all that the gateway tells this device's client may be installed; it evaluates nothing. */
export async function toldToWitness({ inputs }: Device, folder: string): Promise<readonly string[]> {
  const { base, credentials } = inputs;
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const { client, token, ca = '' } = credentials;
  const who =
    client === null
      ? ['--token', token ?? '']
      : ['--cert', file('witness.crt', client.certificate), '--key', file('witness.key', client.key)];
  const words = [SCAN, '--base', base, '--ca', file('witness-ca.crt', ca), '--no-extended', ...who];
  const { updates } = JSON.parse((await run('/usr/bin/python3', words)).stdout) as {
    readonly updates: readonly { readonly updateId: string; readonly action: string }[];
  };
  return updates
    .filter(({ action }) => action === 'Install')
    .map(({ updateId }) => updateId)
    .sort();
}
