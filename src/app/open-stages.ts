import { createAttestor } from '../../signing/attestation.js';
import { createSignerClient } from '../../signing/client.js';
import type { CatalogDefinition } from '../config/catalog.js';
import type { CatalogFolders } from '../core/catalog-plan.js';
import type { Policy } from '../core/decide.js';
import type { Mirror } from '../core/mirror.js';
import type { Canary, Clock, ProductCatalog, Site, TrustAnchors } from '../core/ports.js';
import type { ProductSelection } from '../core/selection.js';
import type { WingetSource } from '../feeds/winget/index.js';
import { createHttpClient, type HttpClientOptions } from '../net/index.js';
import type { Deployments } from '../publishing/configuration-manager/deployment/index.js';
import type { DeploymentRules } from '../publishing/configuration-manager/deployment-rule.js';
import type { Bridge } from '../publishing/software-update-point/bridge.js';
import type { SiteCanary } from '../verification/site-canary.js';
import type { Stores } from './foundation.js';
import type { AttestationKey } from './keys.js';
import type { StageMap } from './line.js';
import { createStages } from './stages.js';

const USER_AGENT = 'patchpress/0.1';

/** What the six stages need besides the stores. */
export interface LineOptions {
  readonly clock: Clock;
  readonly products: ProductCatalog;
  /** Absent: all of tiers A and B that the policy publishes. */
  readonly selection?: ProductSelection;
  readonly catalog: CatalogDefinition;
  readonly catalogFolders?: CatalogFolders;
  readonly policy: Policy;
  readonly trust: TrustAnchors;
  readonly outside: Omit<HttpClientOptions, 'userAgent' | 'lookup'>;
  /** As in `StagesDeps`. */
  readonly probes?: boolean;
  /** Absent: the community's manifests. */
  readonly winget?: WingetSource | undefined;
  readonly attestationKey: AttestationKey;
  readonly signerSocket: string;
  readonly contentBaseUrl: string;
  /** Null: this service serves catalog and content itself. */
  readonly mirror: Mirror | null;
  readonly site: Site | null;
  readonly enableProducts: boolean;
  readonly enableClassifications: boolean;
  readonly deploymentRules: DeploymentRules | null;
  readonly deployments: Deployments | null;
  readonly bridge: Bridge | null;
  readonly canary: Canary | SiteCanary | null;
  readonly maxInstallerBytes: number;
  readonly flushIntervalMs: number;
  readonly pollMs: number;
}

/** The six stages over the stores; nothing is connected or started yet. */
export function openStages(
  options: LineOptions,
  stores: Stores,
): { readonly stages: StageMap; close(): void } {
  const http = createHttpClient({ ...options.outside, userAgent: USER_AGENT });
  const { privateKey } = options.attestationKey;
  const stages = createStages({
    ...options,
    ...stores,
    http,
    attestor: createAttestor(privateKey),
    signer: createSignerClient({ socketPath: options.signerSocket, attestorPrivateKey: privateKey }),
  });
  return { stages, close: () => http.close() };
}
