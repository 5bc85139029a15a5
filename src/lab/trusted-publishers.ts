import { thumbprintOf } from '../../signing/certificates/index.js';
import type { TrustAnchors } from '../core/ports.js';
import type { LabReady } from './ready.js';

/** Trusted Root and Trusted Publishers of a machine, to which an administrator adds a content certificate. */
export interface TrustedPublishers {
  readonly anchors: TrustAnchors;
  readonly thumbprints: readonly string[];
  /** DER. */
  trust(certificate: Uint8Array): void;
}

export function createTrustedPublishers({
  codeSigningRoots,
  timestampRoots,
}: TrustAnchors): TrustedPublishers {
  // Read by reference, so what they hold is changed, not they.
  const roots = [...codeSigningRoots];
  const thumbprints = roots.map((der) => thumbprintOf(der));
  return {
    anchors: { codeSigningRoots: roots, timestampRoots },
    thumbprints,
    trust(certificate) {
      const der = Buffer.from(certificate);
      if (thumbprints.includes(thumbprintOf(der))) return;
      roots.push(der);
      thumbprints.push(thumbprintOf(der));
    },
  };
}

/** Clients of a site where a policy has given them this content certificate too. */
export function withContentPublisher(ready: LabReady, certificate: Uint8Array): LabReady {
  const { anchors, trustedPublishers } = ready.clientTrust;
  const codeSigningRoots = [...anchors.codeSigningRoots, certificate];
  return {
    ...ready,
    clientTrust: {
      anchors: { ...anchors, codeSigningRoots },
      trustedPublishers: [...trustedPublishers, thumbprintOf(certificate)],
    },
  };
}
