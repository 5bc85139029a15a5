import { PermanentError } from '../core/errors.js';
import {
  type FaultyHop,
  HOP_FAULTS,
  type HopFault,
  type HopFaults,
  isHopFault,
  noHopFaults,
} from './hop-faults.js';
import type { HostMap } from './software-update-point/index.js';

type Place = HostMap[string];

/** Nothing listens there. */
const NOWHERE: Place = { address: '127.0.0.1', port: 9 };

/** The site's own view of the world, which changes: where our server is, whom it trusts, and what goes wrong. */
export interface Surroundings {
  readonly hosts: HostMap;
  readonly roots: readonly Uint8Array[];
  readonly faults: Readonly<HopFaults>;
  setContentServer(place: Place): void;
  trustCatalogCertificate(certificate: Uint8Array): void;
  /** PermanentError `configuration.invalid` for a fault that there is not. */
  setFault(hop: FaultyHop, reason: HopFault | null): void;
}

export function createSurroundings(
  contentHost: string,
  vendors: HostMap,
  vendorRoots: readonly Uint8Array[],
): Surroundings {
  const hosts: Record<string, Place> = { ...vendors };
  const roots: Uint8Array[] = [];
  const catalogCertificates: Uint8Array[] = [];
  const faults = noHopFaults();
  let contentServer: Place | null = null;
  // Both are read by reference, so what they hold is changed, not they.
  const apply = (): void => {
    if (contentServer !== null)
      hosts[contentHost] = faults.catalog === 'unreachable' ? NOWHERE : contentServer;
    const trusted = faults.catalog === 'certificate' ? [] : catalogCertificates;
    roots.splice(0, roots.length, ...vendorRoots, ...trusted);
  };
  apply();
  return {
    hosts,
    roots,
    faults,
    setContentServer(place) {
      contentServer = { ...place };
      apply();
    },
    trustCatalogCertificate(certificate) {
      catalogCertificates.push(Buffer.from(certificate));
      apply();
    },
    setFault(hop, reason) {
      if (reason !== null && !isHopFault(hop, reason)) throw unknownFault(hop, reason);
      Object.assign(faults, { [hop]: reason });
      apply();
    },
  };
}

function unknownFault(hop: string, reason: string): PermanentError {
  return new PermanentError('configuration.invalid', 'the lab has no such fault', {
    where: hop,
    expected: Object.entries(HOP_FAULTS)
      .map(([name, reasons]) => `${name}: ${reasons.join(', ')}`)
      .join('; '),
    found: reason,
    nextStep: 'choose one of those',
  });
}
