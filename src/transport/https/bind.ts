import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { AddressRanges, PRIVATE_RANGES } from '../../support/address-ranges.js';
import { RedlinkError } from '../../support/errors.js';

/** Where to listen, and what to tell the user about it. */
export interface Binding {
  /** Local addresses to bind, each of them; undefined stands for all interfaces. */
  readonly hosts: readonly (string | undefined)[];
  /** Set where the address does not narrow down where the store listens, or not all of it may be bound. */
  readonly warning: string | undefined;
}

const ALL_INTERFACES = new Set(['0.0.0.0', '::']);

/** Addresses of a link cannot be bound without naming their interface. */
const LINK_LOCAL = /^fe80:/i;

/**
 * Which interfaces a store binds for the address that it advertises (DESIGN.md, "Transport"): an IP literal
 * of this machine means that address and loopback; anything else means all interfaces, with a warning.
 * @param local the machine's own addresses.
 * @param allowPublic whether addresses that are neither loopback nor private may be among them
 * @throws RedlinkError `BAD_CONFIGURATION` where the address named is public, and none may be
 */
export function bindingFor(
  host: string,
  local: readonly string[] = localAddresses(),
  allowPublic = true,
): Binding {
  const literal = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const forbidden = allowPublic ? [] : local.filter(isPublic);
  if (forbidden.includes(literal)) {
    throw new RedlinkError('BAD_CONFIGURATION', `${literal} is a public address: tick that it may be used`);
  }
  if (isIP(literal) !== 0 && local.includes(literal)) {
    const loopback = ['127.0.0.1', '::1'].filter((address) => local.includes(address));
    return { hosts: [...new Set([literal, ...loopback])], warning: undefined };
  }
  const isAll = ALL_INTERFACES.has(literal);
  const why = isIP(literal) === 0 ? 'is a host name' : 'is not an address of this machine';
  const reason = isAll ? '' : `the address ${host} ${why}, so the store listens on all interfaces`;
  if (forbidden.length === 0) {
    return { hosts: [isAll ? literal : undefined], warning: reason === '' ? undefined : reason };
  }
  const sameFamily = (address: string): boolean => literal !== '0.0.0.0' || isIP(address) === 4;
  return {
    hosts: local.filter((one) => !forbidden.includes(one) && !LINK_LOCAL.test(one) && sameFamily(one)),
    warning: `${reason || 'the store listens on all interfaces'} but the public ones, which need a tick (${forbidden.join(', ')})`,
  };
}

const NOT_PUBLIC = new AddressRanges(PRIVATE_RANGES);

function isPublic(address: string): boolean {
  return !NOT_PUBLIC.includes(address);
}

function localAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
