/** What can go wrong on an update's way through the site to a client, hop by hop (design section 6). */
export const HOP_FAULTS = {
  /** The site cannot reach the catalog's server, or does not trust who signed the catalog (11508). */
  catalog: ['unreachable', 'certificate'],
  /** The synchronization of the software update point fails. */
  sync: ['failed'],
  /** The product is not ticked, and the account may not tick it. */
  product: ['not-enabled'],
  /** The file that the site downloads is another one, or its signer is blocked. */
  content: ['hash', 'trust'],
  /** The automatic deployment rule is off. */
  distribution: ['not-distributed'],
  /**
   * The cloud management gateway does not answer; the software update point does not allow its traffic; it has lost its
   * content.
   */
  gateway: ['down', 'refused', 'no-content'],
  /** Clients do not have the WSUS signing certificate; they download delta content; their token has expired. */
  client: ['untrusted', 'delta-content', 'token-expired'],
} as const;

export type FaultyHop = keyof typeof HOP_FAULTS;
export type HopFault<Hop extends FaultyHop = FaultyHop> = (typeof HOP_FAULTS)[Hop][number];
/** What is wrong now, by hop; null: nothing. */
export type HopFaults = { [Hop in FaultyHop]: HopFault<Hop> | null };

export function noHopFaults(): HopFaults {
  return {
    catalog: null,
    sync: null,
    product: null,
    content: null,
    distribution: null,
    gateway: null,
    client: null,
  };
}

export function isHopFault(hop: string, reason: string): hop is FaultyHop {
  return Object.hasOwn(HOP_FAULTS, hop) && HOP_FAULTS[hop as FaultyHop].some((known) => known === reason);
}
