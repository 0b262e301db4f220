import { lookup } from 'node:dns/promises';
import type { Resolver } from './resolver.js';
import type { Log } from './log.js';
import { describe } from './errors.js';

/** Asks the operating system, as the sockets of Node.js do. */
export class SystemResolver implements Resolver {
  constructor(private readonly log: Log) {}

  async resolve(host: string): Promise<readonly string[]> {
    try {
      return (await lookup(host, { all: true })).map((found) => found.address);
    } catch (error) {
      this.log.debug(`the host name ${host} is not known: ${describe(error)}`);
      return [];
    }
  }
}
