/** Finds the IP addresses behind a host name. An adapter asks the system; simulations answer themselves. */
export interface Resolver {
  /** @returns no address where the name is not known; never throws. */
  resolve(host: string): Promise<readonly string[]>;
}
