import type { Address } from '../protocol/address.js';
import type { AnswerTo, Capabilities, Verb } from '../protocol/verbs.js';
import type { ArrivingRequest, ArrivingResponse, WireRequest, WireResponse } from '../protocol/wire.js';

/**
 * Carries requests in bytes between stores. Adapters: `https/` (real), `memory.ts` (simulation).
 * All pass one compliance suite, `test/transport/compliance.ts`.
 */
export interface Transport {
  /**
   * Opens the one listener of a store.
   * @throws RedlinkError `LISTEN_FAILED` where the port is taken or may not be bound.
   */
  listen(options: ListenOptions, serve: Serve): Promise<Listener>;
  /**
   * Sends one request and gives the answer as soon as its headers are there.
   * @throws RedlinkError `PEER_UNREACHABLE` (no connection, or it broke), `PEER_TIMEOUT` (a time limit passed).
   */
  post(to: Address, request: WireRequest, limits: CallLimits): Promise<ArrivingResponse>;
  /**
   * Has somebody told whenever the last open connection to a peer has ended, not by this side's will. Missing where a
   * network has no connections.
   */
  onCut?(told: ToldOfCut): void;
  /** Ends every connection that is still kept open for {@link post}. Calls under way fail. */
  close(): Promise<void>;
}

/** Told where the connections to a peer have ended: it may be gone, and may be back in a moment. */
export type ToldOfCut = (to: Address) => void;

/** Time limits of one call. */
export interface CallLimits {
  /** Milliseconds for connecting, sending the request and receiving the answer's headers. */
  readonly answerWithinMs: number;
  /** Milliseconds without a byte after which a body, in either direction, counts as cut. */
  readonly idleMs: number;
}

export interface ListenOptions {
  /** The address that the store advertises. An IP literal of this machine is bound (with loopback), anything else binds all interfaces. */
  readonly address: Address;
}

export interface Listener {
  /** Stops listening and ends all connections, idle or not, within a second. */
  close(): Promise<void>;
}

/** Answers a request. A rejection becomes HTTP 500 with a code and no stack. */
export type Serve = (request: ArrivingRequest) => Promise<WireResponse>;

/** How a store reaches other stores: whole verbs, whatever carries them. */
export interface Peers {
  /**
   * Asks the store at `to`.
   * @throws RedlinkError `PEER_UNREACHABLE`, `PEER_TIMEOUT`, or `PEER_ANSWER` where the answer makes no sense.
   */
  call<V extends Verb>(to: Address, verb: V): Promise<AnswerTo[V['verb']]>;
  /** What the store at `to` has said that it speaks; undefined: version 3, or not known yet. */
  capabilities(to: Address): Capabilities | undefined;
  /** See {@link Transport.onCut}. */
  onCut?(told: ToldOfCut): void;
}

/** Who asks: what the network knows of it. */
export interface Sender {
  /** Undefined for a store in the same process. */
  readonly remoteIp: string | undefined;
  /** Name of the asking store, where it has proved it (mesh mode); undefined: nobody knows who asks. */
  readonly storeName?: string | undefined;
}

/** The side of a store that answers others. */
export interface Answerer {
  answer<V extends Verb>(verb: V, sender: Sender): Promise<AnswerTo[V['verb']]>;
  /**
   * Asked before a body that may be of any size is read. Without it all may send one.
   * @throws RedlinkError `REFUSED_ADDRESS`
   */
  mustListenTo?(sender: Sender): void;
  /** What this store says of itself to peers that may know more than version 3. */
  readonly capabilities: Capabilities;
}
