import { randomUUID } from 'node:crypto';
import { bufferSource } from '../../core/bytes.js';
import type { Canary, Clock } from '../../core/ports.js';
import { CANARY_ROLES, type CanaryRole } from '../../core/publication.js';
import type { LabReady } from '../../lab/index.js';
import { createCanaryMachines } from '../../lab/machines/index.js';
import type { Fixtures } from '../../lab/vendor-site/index.js';
import { verifySignature } from '../../trust/index.js';
import { createLabCanary } from '../../verification/canary.js';
import { createHttpsTransport, type HttpsTransport } from '../../verification/transport.js';

const TIMEOUT_MS = 60_000;

/** Three computers that know the gateway's address and nothing else of the lab. */
export function openCanary(
  lab: LabReady,
  fixtures: Fixtures,
  clock: Clock,
): { readonly canary: Canary; close(): void } {
  const { hostname } = new URL(lab.gateway.base);
  const gateway = lab.hosts[hostname];
  const hosts = gateway === undefined ? {} : { [hostname]: gateway };
  const transports = Object.fromEntries(
    CANARY_ROLES.map((role) => [
      role,
      createHttpsTransport({ ca: lab.tlsCa, client: lab.clients[role], hosts, timeoutMs: TIMEOUT_MS }),
    ]),
  ) as Record<CanaryRole, HttpsTransport>;
  const canary = createLabCanary({
    base: lab.gateway.base,
    trust: lab.clientTrust,
    transports,
    machines: createCanaryMachines(fixtures),
    verifySignature: async (bytes, anchors) => verifySignature(bufferSource(bytes), anchors, clock.now()),
    clock,
    newId: randomUUID,
  });
  return {
    canary,
    close() {
      for (const role of CANARY_ROLES) transports[role].close();
    },
  };
}
