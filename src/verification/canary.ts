import type { Machine } from '../core/machine.js';
import type { Canary, CanaryMachines, CanaryUpdate, ClientScan } from '../core/ports.js';
import type { CanaryAnswer, CanaryRole } from '../core/publication.js';
import { createUpdateClient, type UpdateClient, type UpdateClientDeps } from './client.js';
import type { WuspTransport } from './wusp/transport.js';

export interface LabCanaryDeps
  extends Pick<UpdateClientDeps, 'base' | 'trust' | 'verifySignature' | 'clock'> {
  readonly machines: CanaryMachines;
  /** Each computer reaches the gateway with its own certificate. */
  readonly transports: Readonly<Record<CanaryRole, WuspTransport>>;
  newId(): string;
}

/** Three computers of the lab: one without the product, one with an older version, one with this version. */
export function createLabCanary(deps: LabCanaryDeps): Canary {
  return {
    proof: 'lab',
    verify: async (update) => ({
      missing: await tryOn('missing', update, deps),
      older: await tryOn('older', update, deps),
      current: await tryOn('current', update, deps),
    }),
  };
}

/** Scans, installs where the update is required, and scans the computer again as it then is. */
async function tryOn(role: CanaryRole, update: CanaryUpdate, deps: LabCanaryDeps): Promise<CanaryAnswer> {
  const client = createUpdateClient({
    ...deps,
    transport: deps.transports[role],
    computer: { clientId: deps.newId(), dnsName: `${role}.canary.lab` },
    run: (...installer) => deps.machines.run(...installer),
  });
  const machine = await deps.machines.machine(role, update);
  const before = stateIn(await client.scan(machine), update.packageId);
  if (before !== 'required') {
    return { before, after: stateIn(await client.scan(machine), update.packageId), installed: false };
  }
  return installAndScan(client, update.packageId, machine);
}

async function installAndScan(
  client: UpdateClient,
  packageId: string,
  machine: Machine,
): Promise<CanaryAnswer> {
  const result = await client.install(packageId, machine);
  const after = stateIn(await client.scan(result.machine), packageId);
  if (result.outcome === 'succeeded') return { before: 'required', after, installed: true };
  return { before: 'required', after, installed: false, detail: `${result.hresult}: ${result.reason}` };
}

/** An update that the server does not offer is not applicable to the client. */
function stateIn(scan: ClientScan, packageId: string): CanaryAnswer['before'] {
  return (
    scan.updates.find((update) => update.packageId === packageId.toLowerCase())?.state ?? 'notApplicable'
  );
}
