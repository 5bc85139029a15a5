import { createSigningStage } from '../../signing/stage.js';
import type { CatalogDefinition } from '../config/catalog.js';
import type { CatalogFolders } from '../core/catalog-plan.js';
import { contentWishFor, type Policy, promoteAtFor } from '../core/decide.js';
import type { Mirror } from '../core/mirror.js';
import type {
  Attestor,
  Canary,
  Clock,
  Compute,
  ContentStore,
  HttpClient,
  LedgerReader,
  ProductCatalog,
  Signer,
  Site,
  TrustAnchors,
} from '../core/ports.js';
import type { Stage } from '../core/stage.js';
import { versionSchemes } from '../core/versions/index.js';
import { feedReaders, vantagesAt } from '../feeds/index.js';
import { createFeedsStage } from '../feeds/stage.js';
import type { WingetSource } from '../feeds/winget/index.js';
import { findMismatches, installerTechnologies } from '../installers/index.js';
import { createPackagesStage } from '../packages/stage.js';
import type { Deployments } from '../publishing/configuration-manager/deployment/index.js';
import type { DeploymentRules } from '../publishing/configuration-manager/deployment-rule.js';
import type { Bridge } from '../publishing/software-update-point/bridge.js';
import { createPublishingStage } from '../publishing/stage.js';
import { acquireFile } from '../releases/acquire.js';
import { createReleasesStage } from '../releases/stage.js';
import { createVerificationStage } from '../verification/stage.js';
import type { StageMap } from './line.js';
import type { SiteCanary } from '../verification/site-canary.js';

const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;

export interface StagesDeps {
  readonly siteId: string;
  readonly ledger: LedgerReader;
  readonly content: ContentStore;
  readonly compute: Compute;
  readonly http: HttpClient;
  /** No token raises GitHub's limit: its API is asked only where the web's own feed shows a change. */
  readonly probes?: boolean;
  /** Absent: the community's manifests. */
  readonly winget?: WingetSource | undefined;
  readonly products: ProductCatalog;
  readonly catalog: CatalogDefinition;
  /** Default `many`. */
  readonly catalogFolders?: CatalogFolders;
  readonly policy: Policy;
  readonly trust: TrustAnchors;
  readonly attestor: Attestor;
  readonly signer: Signer;
  /** `https://patchpress.example`, where the Software Update Point fetches catalog and content. */
  readonly contentBaseUrl: string;
  /** Null: this service serves catalog and content itself. */
  readonly mirror: Mirror | null;
  readonly site: Site | null;
  readonly enableProducts: boolean;
  readonly enableClassifications: boolean;
  /** The administrator's automatic deployment rule; null: it runs by itself. */
  readonly deploymentRules: DeploymentRules | null;
  readonly deployments: Deployments | null;
  /** The Software Update Point of the direct route; null: none is configured. */
  readonly bridge: Bridge | null;
  readonly canary: Canary | SiteCanary | null;
  readonly clock: Clock;
  readonly maxInstallerBytes: number;
  readonly flushIntervalMs: number;
  /** How often the site is asked how far an update has come. */
  readonly pollMs: number;
}

/** The six stages with everything they need: the one place where they are put together. */
export function createStages(deps: StagesDeps): StageMap {
  const verifier = {
    verify: (path: string) =>
      deps.compute.run('verifySignature', {
        path,
        now: deps.clock.now().toISOString(),
        trust: deps.trust,
      }),
  };
  const acquiring = { ...deps, downloadTimeoutMs: DOWNLOAD_TIMEOUT_MS };
  const files = {
    ...deps,
    acquireFile: (url: string, signal: AbortSignal) => acquireFile(acquiring, url, signal),
  };
  // biome-ignore lint/suspicious/noExplicitAny: each stage decodes its own input.
  const stages: readonly Stage<any>[] = [
    createFeedsStage({
      ...deps,
      files,
      readers: feedReaders,
      vantages: vantagesAt(deps.winget),
      versionSchemes,
    }),
    createReleasesStage({ ...acquiring, verifier, findMismatches }),
    createPackagesStage({ ...deps, technologies: installerTechnologies, versionSchemes }),
    createSigningStage(deps),
    createPublishingStage({
      ...deps,
      contentWishFor: (productId) => contentWishFor(ruledProduct(deps.products, productId), deps.policy),
      promoteAtFor: (productId) => promoteAtFor(ruledProduct(deps.products, productId), deps.policy),
    }),
    createVerificationStage(deps),
  ];
  return new Map(stages.map((stage) => [stage.name, stage]));
}

/** Of a product whose definition was removed only the id is left for the policy's rules. */
function ruledProduct(
  products: ProductCatalog,
  id: string,
): { readonly id: string; readonly vendor: string } {
  return products.get(id) ?? { id, vendor: '' };
}
