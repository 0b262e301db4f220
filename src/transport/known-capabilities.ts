import type { Address } from '../protocol/address.js';
import { addressKey } from '../protocol/address.js';
import type { Capabilities } from '../protocol/verbs.js';

/** Peers whose capabilities are remembered. The least recently heard goes first; it is asked in version 3 again. */
const MAX_PEERS = 1_000;

/** What the stores at other addresses have said that they speak. */
export class KnownCapabilities {
  private readonly byAddress = new Map<string, Capabilities>();

  get(address: Address): Capabilities | undefined {
    return this.byAddress.get(addressKey(address));
  }

  /** Remembers what was said last; undefined: the store there speaks version 3. */
  learn(address: Address, capabilities: Capabilities | undefined): void {
    const key = addressKey(address);
    this.byAddress.delete(key);
    if (capabilities === undefined) return;
    this.byAddress.set(key, capabilities);
    const [oldest] = this.byAddress.keys();
    if (this.byAddress.size > MAX_PEERS && oldest !== undefined) this.byAddress.delete(oldest);
  }
}
