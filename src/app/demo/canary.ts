import { randomUUID } from 'node:crypto';
import { bufferSource } from '../../core/bytes.js';
import type { Canary, Clock, TrustAnchors } from '../../core/ports.js';
import { CANARY_ROLES, type CanaryRole } from '../../core/publication.js';
import { clientTrustUnder, type HopFault, type LabReady } from '../../lab/index.js';
import { createCanaryMachines, windows11 } from '../../lab/machines/index.js';
import type { Fixtures } from '../../lab/vendor-site/index.js';
import { verifySignature } from '../../trust/index.js';
import { createLabCanary } from '../../verification/canary.js';
import { rememberCores } from '../../verification/metadata.js';
import { createUpdateClient } from '../../verification/client.js';
import { createHttpsTransport } from '../../verification/transport.js';

const TIMEOUT_MS = 60_000;

/** Three computers that know the gateway's address and nothing else of the lab; `older` has a token, no certificate. */
export function openCanary(
  lab: LabReady,
  fixtures: Fixtures,
  clock: Clock,
): {
  readonly canary: Canary;
  /** What goes wrong with the computers' trust from now on; null: nothing. */
  setFault(fault: HopFault<'client'> | null): void;
  /** PackageIDs of all updates that the server tells a computer of, needed or not. */
  told(): Promise<ReadonlySet<string>>;
  close(): void;
} {
  const { gateway, clients, tlsCa: ca } = lab;
  const { hostname } = new URL(gateway.base);
  const place = lab.hosts[hostname];
  const hosts = place === undefined ? {} : { [hostname]: place };
  const connect = { ca, hosts, timeoutMs: TIMEOUT_MS };
  const withCertificate = (role: CanaryRole) => ({
    base: gateway.base,
    transport: createHttpsTransport({ ...connect, client: clients[role] }),
  });
  const computers = {
    missing: withCertificate('missing'),
    older: {
      base: gateway.tokenBase,
      transport: createHttpsTransport({ ...connect, client: null, token: gateway.token }),
    },
    current: withCertificate('current'),
  };
  let fault: HopFault<'client'> | null = null;
  const common = {
    verifySignature: async (bytes: Buffer, anchors: TrustAnchors) =>
      verifySignature(bufferSource(bytes), anchors, clock.now()),
    clock,
    newId: randomUUID,
    // All computers are told the same, seven times for each update.
    readCore: rememberCores(),
  };
  const machines = createCanaryMachines(fixtures);
  const canary = createLabCanary({
    ...common,
    computers,
    trust: () => clientTrustUnder(lab.clientTrust, fault),
    machines,
  });
  const anyone = createUpdateClient({
    ...common,
    ...computers.older,
    trust: lab.clientTrust,
    computer: { clientId: randomUUID(), dnsName: 'older.canary.lab' },
    run: (...installer) => machines.run(...installer),
  });
  return {
    canary,
    setFault(next) {
      fault = next;
    },
    told: async () => new Set((await anyone.scan(windows11())).updates.map(({ packageId }) => packageId)),
    close() {
      for (const role of CANARY_ROLES) computers[role].transport.close();
    },
  };
}
