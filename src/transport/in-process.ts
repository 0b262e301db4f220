import type { Address } from '../protocol/address.js';
import { addressKey } from '../protocol/address.js';
import type { Answerer } from './port.js';

/** Names of the machine itself that need no looking up. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/;

/** A store of this process, and where it is reached. */
interface Entry {
  readonly addresses: readonly Address[];
  readonly answerer: Answerer;
}

/**
 * The stores of this process by address: a hop between two of them is a call, not a POST
 * (DESIGN.md, "Transport"). Sharing a process links nothing; it only shortens configured links.
 */
export class InProcessDirectory {
  private readonly entries = new Set<Entry>();
  private readonly machineNames: ReadonlySet<string>;

  /** @param machineNames names and addresses of this machine besides loopback: a store on it is reached by any of them */
  constructor(machineNames: readonly string[] = []) {
    this.machineNames = new Set(machineNames.map((name) => name.toLowerCase()));
  }

  /** Makes a store known under the addresses that it advertises. */
  register(addresses: readonly Address[], answerer: Answerer): void {
    this.unregister(answerer);
    this.entries.add({ addresses, answerer });
  }

  /** Harmless where the store is not known. */
  unregister(answerer: Answerer): void {
    for (const entry of this.entries) {
      if (entry.answerer === answerer) this.entries.delete(entry);
    }
  }

  /**
   * The store at an address, if it is one of this process: by the very address that it advertises, or
   * by a name of this machine where only one store here has the port.
   */
  find(address: Address): Answerer | undefined {
    const wanted = key(address);
    const entries = [...this.entries];
    const exact = entries.find((entry) => entry.addresses.some((own) => key(own) === wanted));
    if (exact !== undefined) return exact.answerer;
    if (!this.isThisMachine(address.host)) return undefined;
    const byPort = entries.filter((entry) => entry.addresses.some((own) => own.port === address.port));
    return byPort.length === 1 ? byPort[0]?.answerer : undefined;
  }

  private isThisMachine(host: string): boolean {
    const name = host.toLowerCase();
    return LOOPBACK.test(name) || this.machineNames.has(name);
  }
}

/** Host names know no case. */
function key(address: Address): string {
  return addressKey({ host: address.host.toLowerCase(), port: address.port });
}
