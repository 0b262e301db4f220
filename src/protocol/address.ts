/**
 * Where a store can be reached. The port stays the text that a configuration or a peer gave: 3.0.5
 * sends it back and forth as text and compares it so (docs/PROTOCOL.md, "Addresses").
 */
export interface Address {
  readonly host: string;
  readonly port: string;
}

/** One text per address, for maps and for logs: `host:port`. */
export function addressKey(address: Address): string {
  return `${address.host}:${address.port}`;
}

/** Whether both name the same host and port, letter by letter. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.port === b.port && a.host === b.host;
}
