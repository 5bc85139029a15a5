import type { CertifiedKey } from '../../../signing/certificates/index.js';
import { describeFault } from '../../core/errors.js';
import { type FaultyHop, type HopFault, type LabReady, startLab, type VendorFault } from '../../lab/index.js';
import type { ProductDefinition } from '../../core/product.js';
import { loadFixtures } from '../../lab/vendor-site/index.js';
import { runAsNodeChild } from '../children/node-child.js';
import { feedsOfShipped } from '../demo/farm-feeds.js';

export interface LabConfiguration {
  readonly folder: string;
  readonly fixturesFolder: string;
  readonly catalogUrl: string;
  /** Products whose vendors are stand-ins, and the folder of what they ship; absent: none. */
  readonly farm?: { readonly folder: string; readonly products: readonly ProductDefinition[] };
}

/** What the lab is told while it runs. */
export type LabMessage =
  | { readonly kind: 'content-server'; readonly address: string; readonly port: number }
  | { readonly kind: 'catalog-certificate'; readonly der: Uint8Array }
  | { readonly kind: 'content-certificate'; readonly der: Uint8Array }
  | { readonly kind: 'wsus-certificate'; readonly identity: CertifiedKey }
  | { readonly kind: 'fault'; readonly product: string; readonly fault: VendorFault | null }
  | { readonly kind: 'hop-fault'; readonly hop: FaultyHop; readonly fault: HopFault | null }
  /** The vendor releases the next version. */
  | { readonly kind: 'release'; readonly product: string };

/** The lab in a process of its own, so that nothing but its sockets is shared with the publisher. */
runAsNodeChild<LabConfiguration, LabMessage>(async ({ farm, ...configuration }) => {
  const lab = await startLab({
    ...configuration,
    ...(farm && { farm: openFarm(farm) }),
    now: () => new Date(),
    onFault: (error) => process.stderr.write(`lab: ${describeFault(error)}\n`),
  });
  const receive = (message: LabMessage): void => {
    switch (message.kind) {
      case 'content-server':
        lab.setContentServer(message);
        break;
      case 'catalog-certificate':
        lab.trustCatalogCertificate(message.der);
        break;
      case 'content-certificate':
        lab.trustContentCertificate(message.der);
        break;
      case 'wsus-certificate':
        lab.importWsusCertificate(message.identity);
        break;
      case 'fault':
        lab.setFault(message.product, message.fault);
        break;
      case 'hop-fault':
        lab.setHopFault(message.hop, message.fault);
        break;
      case 'release':
        lab.release(message.product);
        break;
    }
  };
  const ready: LabReady = lab.ready;
  return { ready, receive, close: () => lab.close() };
});

function openFarm({ folder, products }: NonNullable<LabConfiguration['farm']>) {
  const fixtures = loadFixtures(folder);
  return { fixtures, feeds: feedsOfShipped(products, fixtures) };
}
