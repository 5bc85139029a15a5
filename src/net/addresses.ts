import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address that a vendor's feed must never lead us to: loopback, link-local, private, mapped, translated. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/**
 * Whether an address is of the public Internet. An IPv4 address inside an IPv6 one is judged as the IPv4 address;
 * NAT64, 6to4 and Teredo, which could lead to any IPv4 address, have ranges of their own and are not public.
 */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/** `host` of a connection: a literal is judged here, because Node asks no `lookup` for one. */
export function refuseLiteral(host: string): AddressRefused | null {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) === 0 || isPublicAddress(address)) return null;
  return new AddressRefused(`${address} is not a public address`);
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
