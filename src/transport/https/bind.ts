import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Where to listen, and what to tell the user about it. */
export interface Binding {
  /** Local addresses to bind, each of them; undefined stands for all interfaces. */
  readonly hosts: readonly (string | undefined)[];
  /** Set where the address does not narrow down where the store listens. */
  readonly warning: string | undefined;
}

const ALL_INTERFACES = new Set(['0.0.0.0', '::']);

/**
 * Which interfaces a store binds for the address that it advertises (DESIGN.md, "Transport"): an IP literal
 * of this machine means that address and loopback; anything else means all interfaces, with a warning.
 * @param local the machine's own addresses.
 */
export function bindingFor(host: string, local: readonly string[] = localAddresses()): Binding {
  const literal = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (ALL_INTERFACES.has(literal)) return { hosts: [literal], warning: undefined };
  if (isIP(literal) !== 0 && local.includes(literal)) {
    const loopback = ['127.0.0.1', '::1'].filter((address) => local.includes(address));
    return { hosts: [...new Set([literal, ...loopback])], warning: undefined };
  }
  const why = isIP(literal) === 0 ? 'is a name' : 'is not an address of this machine';
  return { hosts: [undefined], warning: `${host} ${why}: the store listens on all interfaces` };
}

function localAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
