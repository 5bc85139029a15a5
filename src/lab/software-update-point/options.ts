import type { TrustAnchors } from '../../core/ports.js';
import type { HopFaults } from '../hop-faults.js';
import type { ServerIdentity } from './http.js';
import type { Outbound } from './outbound.js';

export interface SoftwareUpdatePointOptions {
  /** Where the server keeps its state and content; survives a kill at any moment. */
  readonly folder: string;
  /** The CMG's content store: what was distributed to it. */
  readonly distributionFolder: string;
  /** 0: any free port of the loopback address. */
  readonly port: number;
  /** The name in the server's certificate. */
  readonly hostName: string;
  readonly identity: ServerIdentity;
  /** What the control calls must carry as `Authorization: Bearer`. */
  readonly controlToken: string;
  /** What publishing calls must carry as `Authorization: Bearer`; absent: nobody may publish. */
  readonly bridgeToken?: string;
  readonly catalogUrl: string;
  /** How catalog and content are downloaded. */
  readonly outbound: Outbound;
  /** Roots that catalog certificates and vendors' certificates must lead to. */
  readonly trust: TrustAnchors;
  /** Ids or display names of catalog categories whose content is published without being asked for. */
  readonly fullContentCategories: readonly string[];
  readonly signing: WsusSigning;
  /** Who else may have signed content (Trusted Publishers); absent: the server's own certificate alone. */
  readonly trustedPublishers?: { readonly anchors: TrustAnchors; readonly thumbprints: readonly string[] };
  /** What goes wrong in the site, read each time; absent: nothing. */
  readonly faults?: Readonly<HopFaults>;
  now(): Date;
  /** Told of what went wrong inside; answers to clients do not show it. */
  onFault(error: unknown): void;
}

/** The WSUS signing certificate at work; `sign` signs a cabinet in place of another file. */
export interface WsusSigning {
  readonly subject: string;
  /** Upper-case SHA-1. */
  readonly thumbprint: string;
  sign(unsignedPath: string, signedPath: string): Promise<void>;
  /** Roots and timestamp roots that this server trusts for its own signature. */
  readonly trust: TrustAnchors;
}
