import type { Canary, CanaryMachines, CanaryUpdate, ClientScan } from '../core/ports.js';
import type { CanaryAnswer, CanaryRole } from '../core/publication.js';
import { type ClientTrust, createUpdateClient, type UpdateClient, type UpdateClientDeps } from './client.js';
import type { WuspTransport } from './wusp/transport.js';

export interface LabCanaryDeps extends Pick<UpdateClientDeps, 'verifySignature' | 'clock' | 'readCore'> {
  readonly machines: CanaryMachines;
  /** How each computer reaches the gateway: with a certificate or a token, which have paths of their own. */
  readonly computers: Readonly<
    Record<CanaryRole, { readonly base: string; readonly transport: WuspTransport }>
  >;
  /** What the computers trust at the moment. */
  readonly trust: () => ClientTrust;
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
    ...deps.computers[role],
    trust: deps.trust(),
    computer: { clientId: deps.newId(), dnsName: `${role}.canary.lab` },
    run: (...installer) => deps.machines.run(...installer),
  });
  const machine = await deps.machines.machine(role, update);
  const scan = await client.scan(machine);
  const before = stateIn(scan, update.packageId);
  if (before === 'required') return installAndScan(client, update, machine);
  const last = await client.scan(machine);
  return {
    before,
    after: stateIn(last, update.packageId),
    installed: false,
    ...staleIn(last, update),
  };
}

async function installAndScan(
  client: UpdateClient,
  update: CanaryUpdate,
  machine: Parameters<UpdateClient['scan']>[0],
): Promise<CanaryAnswer> {
  const result = await client.install(update.packageId, machine);
  const last = await client.scan(result.machine);
  const after = stateIn(last, update.packageId);
  if (result.outcome === 'succeeded') {
    return { before: 'required', after, installed: true, ...staleIn(last, update) };
  }
  return { before: 'required', after, installed: false, detail: `${result.hresult}: ${result.reason}` };
}

/** An update that the server does not offer is not applicable to the client. */
function stateIn(scan: ClientScan, packageId: string): CanaryAnswer['before'] {
  return find(scan, packageId)?.state ?? 'notApplicable';
}

/** Where a newer update is on the gateway the site has declined what it supersedes: no client is told of that any more. */
function staleIn(scan: ClientScan, { supersedes }: CanaryUpdate): Pick<CanaryAnswer, 'detail'> {
  const stale = supersedes.find((packageId) => find(scan, packageId) !== undefined);
  return stale === undefined ? {} : { detail: `the superseded update ${stale} is still offered` };
}

function find(scan: ClientScan, packageId: string): ClientScan['updates'][number] | undefined {
  return scan.updates.find((one) => one.packageId === packageId.toLowerCase());
}
