import { createAttestor } from '../../signing/attestation.js';
import { createSignerClient } from '../../signing/client.js';
import type { ProductSelection } from '../core/selection.js';
import { createHttpClient, type HttpClientOptions } from '../net/index.js';
import type { Stores } from './foundation.js';
import type { AttestationKey } from './keys.js';
import type { StageMap } from './line.js';
import { createStages, type StagesDeps } from './stages.js';

const USER_AGENT = 'patchpress/0.1';

/** What the six stages need besides the stores, and from what the rest of it is opened. */
export interface LineOptions
  extends Omit<StagesDeps, 'siteId' | 'ledger' | 'content' | 'compute' | 'http' | 'attestor' | 'signer'> {
  /** Absent: all of tiers A and B that the policy publishes. */
  readonly selection?: ProductSelection;
  readonly outside: Omit<HttpClientOptions, 'userAgent' | 'lookup'>;
  readonly attestationKey: AttestationKey;
  readonly signerSocket: string;
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
