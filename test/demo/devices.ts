import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ClientInputs } from '../../src/app/cli/client/inputs.js';
import { runClient } from '../../src/app/cli/client/run.js';
import type { Demo } from '../../src/app/demo/set-up.js';
import type { Machine } from '../../src/core/machine.js';
import type { TrustAnchors } from '../../src/core/ports.js';
import type { CanaryRole } from '../../src/core/publication.js';
import { createCanaryMachines, windows11 } from '../../src/lab/machines/index.js';
import { withInstalled } from '../../src/lab/machines/install.js';
import { verifyFileSignature } from '../../src/trust/index.js';
import { type ClientTrust, createUpdateClient } from '../../src/verification/client.js';
import { createHttpsTransport } from '../../src/verification/transport.js';
import { contentAddress } from '../../src/verification/wusp/content.js';

/** A computer behind the gateway whose agent keeps what it was told, as `patchpress client --state` does. */
export interface Device {
  readonly inputs: ClientInputs;
  /** Of each of the updates `required 3`, with the revision as the server counts, or `not offered`. */
  scan(packageIds: readonly string[]): Promise<Scanned>;
}

export interface Scanned {
  readonly isDelta: boolean;
  readonly receivedBytes: number;
  readonly says: readonly string[];
  readonly actions: ReadonlySet<string>;
}

/** By product the version that is installed. */
type Installed = Readonly<Record<string, string>>;

/** `older` shows a token, the others their certificates. */
export function openDevice(demo: Demo, role: CanaryRole, name: string, installed: Installed): Device {
  const { gateway, clients, tlsCa: ca, clientTrust: trust } = demo.lab;
  const isToken = role === 'older';
  // The command's client knows no host map; the gateway's certificate is good for the loopback address too.
  const { pathname } = new URL(isToken ? gateway.tokenBase : gateway.base);
  const base = `https://127.0.0.1:${gateway.port}${pathname}`;
  const inputs: ClientInputs = {
    base,
    machine: machineWith(demo, installed),
    dnsName: `${name}.lab`,
    credentials: isToken ? { ca, client: null, token: gateway.token } : { ca, client: clients[role] },
    updateId: null,
    locale: 'en',
    statePath: join(demo.dataDir, `${name}.state.json`),
    filesFolder: null,
    isReported: true,
    timeoutMs: 20_000,
    trust,
    addressOf: (url) => contentAddress(base, url),
  };
  return {
    inputs,
    async scan(packageIds) {
      const { scan, isDelta, traffic } = await runClient(inputs, 'scan');
      const says = packageIds.map((packageId) => {
        const told = scan.updates.filter(({ known }) => known?.core.updateId === packageId);
        return told.map(({ state, known }) => `${state} ${known?.core.revision}`).join(', ') || 'not offered';
      });
      const actions = new Set(scan.updates.map(({ action }) => action));
      return { isDelta, receivedBytes: traffic.receivedBytes, says, actions };
    },
  };
}

function machineWith({ fixtures }: Demo, installed: Installed): Machine {
  return Object.entries(installed).reduce((machine, [productId, version]) => {
    const fixture = fixtures.shipped.find((one) => one.productId === productId && one.version === version);
    if (fixture === undefined) throw new Error(`no installer of ${productId} ${version}`);
    return withInstalled(machine, fixture);
  }, windows11());
}

/** Who signed the cabinet that the agent would install, or the code with which it refuses it. */
export async function signerFor({ inputs }: Device, packageId: string, trust: ClientTrust) {
  const { installs } = await runClient({ ...inputs, statePath: null, updateId: packageId, trust }, 'install');
  return (installs ?? []).flatMap(({ hresult, files }) => hresult ?? files.map(({ signer }) => signer));
}

/** Scans, downloads, checks digest and signature, runs it and scans again; or the code with which it refuses it. */
export async function installOn(demo: Demo, { inputs }: Device, packageId: string, trust: ClientTrust) {
  const { base, credentials, timeoutMs, dnsName, machine } = inputs;
  const transport = createHttpsTransport({ ...credentials, hosts: {}, timeoutMs });
  const machines = createCanaryMachines(demo.fixtures);
  const client = createUpdateClient({
    base,
    transport,
    trust,
    computer: { clientId: randomUUID(), dnsName },
    verifySignature: async (path: string, anchors: TrustAnchors) =>
      verifyFileSignature(path, anchors, new Date()),
    run: (...installer) => machines.run(...installer),
    clock: { now: () => new Date() },
    newId: randomUUID,
  });
  try {
    const result = await client.install(packageId, machine);
    if (result.outcome === 'failed') return result.hresult;
    const { updates } = await client.scan(result.machine);
    return updates.find((one) => one.packageId === packageId)?.state;
  } finally {
    transport.close();
  }
}
