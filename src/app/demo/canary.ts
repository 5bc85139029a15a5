import { randomUUID } from 'node:crypto';
import type { Canary, Clock, TrustAnchors } from '../../core/ports.js';
import { CANARY_ROLES, type CanaryRole } from '../../core/publication.js';
import { clientTrustUnder, type HopFault, type LabReady, withContentPublisher } from '../../lab/index.js';
import { createCanaryMachines, windows11 } from '../../lab/machines/index.js';
import type { Fixtures } from '../../lab/vendor-site/index.js';
import { verifyFileSignature } from '../../trust/index.js';
import { createLabCanary } from '../../verification/canary.js';
import { createUpdateClient } from '../../verification/client.js';
import { rememberCores } from '../../verification/metadata.js';
import { createHttpsTransport, type HttpsTransport } from '../../verification/transport.js';

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
  /** The computers trust this publisher of content too; DER. */
  trustPublisher(certificate: Uint8Array): void;
  /** PackageIDs of all updates that the server tells a computer of, needed or not. */
  told(): Promise<ReadonlySet<string>>;
  close(): void;
} {
  const { gateway, clients, tlsCa: ca } = lab;
  const { hostname } = new URL(gateway.base);
  const place = lab.hosts[hostname];
  const hosts = place === undefined ? {} : { [hostname]: place };
  const connect = { ca, hosts, timeoutMs: TIMEOUT_MS };
  let fault: HopFault<'client'> | null = null;
  let site = lab;
  const withCertificate = (role: CanaryRole) => ({
    base: gateway.base,
    transport: withoutDelta(
      createHttpsTransport({ ...connect, client: clients[role] }),
      () => fault === 'delta-content',
    ),
  });
  const withToken = (token: string) => createHttpsTransport({ ...connect, client: null, token });
  const computers = {
    missing: withCertificate('missing'),
    older: {
      base: gateway.tokenBase,
      transport: withoutDelta(
        eitherOf(withToken(gateway.token), withToken(gateway.expiredToken), () => fault === 'token-expired'),
        () => fault === 'delta-content',
      ),
    },
    current: withCertificate('current'),
  };
  const common = {
    verifySignature: async (path: string, anchors: TrustAnchors) =>
      verifyFileSignature(path, anchors, clock.now()),
    clock,
    newId: randomUUID,
    // All computers are told the same, seven times for each update.
    readCore: rememberCores(),
  };
  const machines = createCanaryMachines(fixtures);
  const canary = createLabCanary({
    ...common,
    computers,
    trust: () => clientTrustUnder(site.clientTrust, fault),
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
    trustPublisher(certificate) {
      site = withContentPublisher(site, certificate);
    },
    told: async () => new Set((await anyone.scan(windows11())).updates.map(({ packageId }) => packageId)),
    close() {
      for (const role of CANARY_ROLES) computers[role].transport.close();
    },
  };
}

/** With the client setting for delta content a computer asks itself for it, and no third-party update has any. */
function withoutDelta(transport: HttpsTransport, isOn: () => boolean): HttpsTransport {
  return {
    ...transport,
    get: async (address, headers, maxBytes) =>
      isOn()
        ? { status: 404, headers: {}, body: Buffer.from('no delta content of this file') }
        : transport.get(address, headers, maxBytes),
  };
}

function eitherOf(one: HttpsTransport, other: HttpsTransport, isOther: () => boolean): HttpsTransport {
  const now = () => (isOther() ? other : one);
  return {
    post: (...call) => now().post(...call),
    get: (...call) => now().get(...call),
    send: (...call) => now().send(...call),
    close() {
      one.close();
      other.close();
    },
  };
}
