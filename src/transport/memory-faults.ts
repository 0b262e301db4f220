import type { Address } from '../protocol/address.js';

/** One request that is about to cross the virtual network: what a {@link Faults} decides by. */
export interface Passage {
  /** Name of the transport that sends, as given to `MemoryNetwork.transport`. */
  readonly from: string;
  readonly to: Address;
  readonly path: string;
}

/** What happens to one request and its answer. Times are virtual milliseconds. */
export interface Fate {
  /** Until the request reaches the other side. Different delays make requests overtake each other. */
  readonly requestDelayMs: number;
  /** From the answer being written until the asker sees its headers. */
  readonly answerDelayMs: number;
  /** For every chunk of a body, in either direction. Default 0. */
  readonly chunkDelayMs?: number;
  /** No connection: the asker gets `PEER_UNREACHABLE`, the other side never hears of it. */
  readonly refused?: boolean;
  /** The request vanishes: the asker gets `PEER_TIMEOUT`, the other side never hears of it. */
  readonly requestLost?: boolean;
  /** The request is served and its answer sent in full; the asker gets `PEER_TIMEOUT` all the same. */
  readonly answerLost?: boolean;
  /** The connection breaks after so many bytes of the request's body. */
  readonly cutRequestAfterBytes?: number;
  /** The connection breaks after so many bytes of the answer's body; the asker has the headers by then. */
  readonly cutAnswerAfterBytes?: number;
  /** The request arrives a second time. Only a request whose body is a text is ever repeated. */
  readonly repeat?: Repeat;
}

/** A second arrival of a request, whose answer reaches nobody. */
export interface Repeat {
  /** How long after the first arrival. */
  readonly afterMs: number;
  /** What the answering side learns of its second answer: `onSent(sent)`. */
  readonly sent: boolean;
}

/** Decides the fate of each request; asked once per `post`, in the order of the calls. */
export interface Faults {
  fate(passage: Passage): Fate;
}

/** A network that loses nothing and takes no time. */
export const NO_FAULTS: Faults = { fate: () => ({ requestDelayMs: 0, answerDelayMs: 0 }) };
