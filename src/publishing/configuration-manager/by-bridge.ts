import type { Bridge } from '../software-update-point/bridge.js';
import type { SiteTransport } from './rest.js';

/** What only the console's cmdlets do (configmgr-catalog 6). Errors as of `Bridge`. */
export interface SiteCmdlets {
  publishContent(ciId: number): Promise<void>;
  /** By the name that the site shows. */
  enableProduct(product: string): Promise<void>;
  enableClassification(classification: string): Promise<void>;
}

/** The same REST calls, made at the far side of the bridge under its Windows account. */
export function createBridgeTransport(bridge: Bridge): SiteTransport {
  return {
    async send(method, address, _headers, bodyText) {
      const call = { verb: 'admin-service', method, address, bodyText } as const;
      const answer = await bridge.call(call, new AbortController().signal);
      return { status: answer.status, body: Buffer.from(answer.bodyText, 'utf8') };
    },
  };
}

export function createBridgeCmdlets(bridge: Bridge): SiteCmdlets {
  return {
    async publishContent(ciId) {
      await bridge.call({ verb: 'publish-content', ciId }, new AbortController().signal);
    },
    async enableProduct(product) {
      await bridge.call({ verb: 'enable-product', product }, new AbortController().signal);
    },
    async enableClassification(classification) {
      const call = { verb: 'enable-classification', classification } as const;
      await bridge.call(call, new AbortController().signal);
    },
  };
}
