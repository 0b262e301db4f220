import { isIPv6 } from 'node:net';
import type { Address } from '../../protocol/address.js';
import { RedlinkError } from '../../support/errors.js';

/** Whatever in a host would lead a URL elsewhere: a path, a user, a query, blanks. */
const NOT_IN_A_HOST = /[/\\?#@\s%]/;

/**
 * Where requests to a peer go. Addresses come from peers too, so host and port alone are taken from one.
 * @throws RedlinkError `PEER_UNREACHABLE` where it is no host and port.
 */
export function peerUrl(to: Address): URL {
  const host = isIPv6(to.host) ? `[${to.host}]` : to.host;
  const text = `https://${host}:${to.port}`;
  const port = Number(to.port);
  const sound = host !== '' && !NOT_IN_A_HOST.test(host) && /^\d{1,5}$/.test(to.port) && port > 0;
  if (!sound || !URL.canParse(text)) {
    throw new RedlinkError('PEER_UNREACHABLE', `${to.host}:${to.port} is not a host and a port`);
  }
  return new URL(text);
}
