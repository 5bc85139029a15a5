import { matchesGlob, type Policy } from './decide.js';
import type { SignatureReport } from './installer.js';
import type { InstallerTechnologyName } from './product.js';
import type { Route } from './publication.js';

/** Who packs and signs the content of a direct update: WSUS from the payload, or we (wsus-publishing 2.1). */
export const DIRECT_MODES = ['payload', 'signed-cab'] as const;
export type DirectMode = (typeof DIRECT_MODES)[number];

export interface RouteFacts {
  readonly signature: SignatureReport['status'];
  readonly technology: InstallerTechnologyName;
  /** The definition's command line; of an MSI the properties. */
  readonly arguments: string;
  /** How many files the payload has: the installer, transforms, scripts and others. */
  readonly files: number;
}

/**
 * The one route of an update (design section 3): `catalog` wherever a site can publish the content by itself, else
 * `direct`, with the reason in plain words. Pure.
 */
export function selectRoute(facts: RouteFacts): { readonly route: Route; readonly reason: string } {
  const obstacle = whyNotCatalog(facts);
  if (obstacle !== null) return { route: 'direct', reason: obstacle };
  const reason = 'its vendor signed it, and it is one file: the site fetches and packs it by itself';
  return { route: 'catalog', reason };
}

/** The first entry that names the product decides, else the policy's own mode, else `payload`. */
export function directModeOf(productId: string, { direct }: Policy): DirectMode {
  const own = direct?.products?.find(({ product }) => matchesGlob(product, productId));
  return own?.mode ?? direct?.mode ?? 'payload';
}

/** configmgr-catalog 2 and 3.1: what the site refuses when it publishes content of a catalog. */
function whyNotCatalog({ signature, technology, arguments: line, files }: RouteFacts): string | null {
  if (signature === 'unsigned') {
    return 'its vendor does not sign it, and a site publishes content from a catalog only when its vendor signed it';
  }
  if (signature === 'invalid') {
    return "its vendor's signature does not verify, and a site publishes content from a catalog only when it does";
  }
  if (files !== 1) return `its payload has ${files} files, and a catalog names one file for an update`;
  if (technology === 'msi' && !isPropertiesOnly(line)) {
    return 'its command line has more than NAME=VALUE properties, which a catalog cannot carry for an MSI';
  }
  return null;
}

/** `NAME=VALUE` or `NAME="a b"`, nothing else: no switches (configmgr-catalog 3.1). */
const PROPERTY = /^[A-Za-z_][A-Za-z0-9_.]*=(?:"[^"]*"|[^\s"]*)$/;

function isPropertiesOnly(line: string): boolean {
  return (line.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []).every((word) => PROPERTY.test(word));
}
