import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address that a vendor's feed must never lead us to: loopback, link-local, private, mapped, translated. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** RFC 4291 2.4: all that is handed out to hosts of the Internet. Everything else has a meaning of its own. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** Public by their range, and yet the door to a machine's own secrets: Azure's platform address. */
const METADATA = new Set(['168.63.129.16']);

/**
 * Whether an address is of the public Internet. An IPv4 address mapped into an IPv6 one is judged as the IPv4 address;
 * IPv4-compatible ones, NAT64, 6to4 and Teredo, which could lead to any IPv4 address, are not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const plain = ipaddr.process(address);
  if (plain.range() !== 'unicast' || METADATA.has(plain.toString())) return false;
  return plain.kind() === 'ipv4' || plain.match(GLOBAL_UNICAST);
}

/** `host` of a connection: a literal is judged here, because Node asks no `lookup` for one. */
export function refuseLiteral(host: string): AddressRefused | null {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) === 0 || isPublicAddress(address)) return null;
  return new AddressRefused(`${address} is not a public address`);
}

/** Names that are answered inside a network only (RFC 6761, RFC 6762, RFC 8375, `.internal` of ICANN). */
const INSIDE = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|home\.arpa)$/;

/** A name that a proxy would resolve, where its addresses cannot be seen from here: what is plainly inside is refused. */
export function refuseInsideName(host: string): AddressRefused | null {
  const name = plainHost(host);
  if (isIP(name) !== 0 || (name.includes('.') && !INSIDE.test(name))) return null;
  return new AddressRefused(`${name} is a name of the inside, not of the public Internet`);
}

/** One host is one host: `Example.COM.` is `example.com`. */
export function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/**
 * Resolves a name at connect time and refuses it when any of its addresses is not public, so that nothing can change
 * between the check and the connection.
 */
export function guardedLookup(lookup: LookupFunction = systemLookup as LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const addresses = Array.isArray(found) ? found : [];
      const refused = addresses.find(({ address }) => !isPublicAddress(address));
      const first = addresses[0];
      if (refused !== undefined || first === undefined) {
        const message = `${hostname} leads to ${refused?.address ?? 'no address'}, which is not public`;
        return callback(new AddressRefused(message), '', 0);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
