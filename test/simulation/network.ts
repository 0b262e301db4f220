import type { PayloadStore } from '../../src/payload/port.js';
import type { Address } from '../../src/protocol/address.js';
import type { Answerer, Listener, Peers } from '../../src/transport/port.js';
import type { Weather } from './weather.js';

/**
 * What a simulated mesh runs over. Two of a kind: `faulty-network.ts` hands whole verbs over, which is
 * quick; `byte-network.ts` sends them as bytes, through the codec that goes over HTTPS.
 */
export interface SimulatedNetwork {
  weather: Weather;
  /** Called when the whole of a message was taken off a store that answered a read, or counts as read. */
  onTakenOff: (messageId: string) => void;
  /** Requests sent since the start. */
  readonly calls: number;
  /** Connects a store that is about to open. */
  join(address: Address, options: StationOptions): Connection;
  /** The store's process has died: nothing of it is heard any more. */
  kill(address: Address): void;
  /** Lets nothing pass between two stores, in either direction, until {@link heal}. */
  separate(a: Address, b: Address): void;
  /** Ends all separations and calms the weather. */
  heal(): void;
}

export interface StationOptions {
  /** False: the store passes for a 3.0.5 one; nobody learns that it knows more than version 3. */
  readonly modern: boolean;
  /** Where what is too large for memory may wait. */
  readonly payloads: PayloadStore;
}

/** A store's side of the network. */
export interface Connection {
  readonly peers: Peers;
  listen(answerer: Answerer): Promise<Listener>;
}
