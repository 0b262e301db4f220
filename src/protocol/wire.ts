/** What goes over a connection, in bytes: what a transport carries and a codec reads and writes. */
export interface WireRequest {
  /** `/notify`, `/read-message` or `/reply-message`. */
  readonly path: string;
  /** Lower-case names. Without `content-length`, which the transport adds where the length is known. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: WireBody;
  /** The peer is a new store: it goes the quickest way that the transport has. */
  readonly quick?: boolean;
}

/** An answer, as written by the answering side. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: WireBody;
  /** Called once, when the last byte was handed to the network (true) or could not be (false). */
  readonly onSent?: (complete: boolean) => void;
}

/** A body: text that is all there, or bytes as they come. */
export type WireBody = string | AsyncIterable<Uint8Array>;

/** A request as the answering side receives it. The body is not yet read. */
export interface ArrivingRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Address of the other end of the connection, as the network says; never a name. */
  readonly remoteIp: string;
  /** Name of the store that sends, where it has proved it (mesh mode). */
  readonly senderName?: string;
  readonly body: AsyncIterable<Uint8Array>;
}

/** An answer as the asking side receives it. The body must be read or left (`return()` ends it). */
export interface ArrivingResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}
