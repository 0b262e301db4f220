import type { KeyRing } from './mesh-key.js';

/**
 * How a store proves to others that it belongs to the mesh, and how they prove it to it. Both ways (a shared
 * key, certificates of an authority) go through the same two words at the begin of each connection: the hello
 * of the side that connects, and the welcome of the side that listens.
 */
export interface Membership {
  /** Own name, `mesh:store`. */
  readonly storeName: string;
  /** Keys that sign every request; undefined where TLS itself proves who sends. */
  readonly keys: KeyRing | undefined;
  /**
   * The hello for a new connection.
   * @param nonce used for this connection alone
   * @param former proves with the former key, where there is one: for a peer that does not know the new one yet
   */
  hello(channel: Channel, nonce: string, now: number, former: boolean): string;
  /**
   * Checks the hello of who has connected.
   * @throws RedlinkError with a code of `refusal.ts`
   */
  receive(hello: string | undefined, channel: Channel, now: number): Received;
  /**
   * Checks the welcome that answered a hello.
   * @throws RedlinkError with a code of `refusal.ts`
   */
  accept(welcome: string | undefined, hello: string, channel: Channel): ProvenPeer;
  /** Whether there is a former key to try where the current one is unknown to a peer. */
  readonly hasFormer: boolean;
}

/** What TLS says of one connection, the same on both sides as long as nobody stands between. */
export interface Channel {
  /** Secret of this connection alone (RFC 9266, `tls-exporter`), as base64. */
  readonly exporter: string;
  /** SHA-256 of the certificate of the side that listens. */
  readonly fingerprint: string;
  /** The other side's certificate; undefined where it showed none. */
  readonly peerCertificate: PeerCertificate | undefined;
}

/** A certificate that was shown, and whether the authority of the mesh stands for it. */
export interface PeerCertificate {
  readonly trusted: boolean;
  /** Its subject alternative names, as Node gives them. */
  readonly alternativeNames: string | undefined;
}

/** A store that has proved that it belongs. */
export interface ProvenPeer {
  readonly storeName: string;
  readonly fingerprint: string;
  /** Id of the key by which it did; undefined where certificates prove. */
  readonly keyId: string | undefined;
  /** It, or this store, lags behind in a change of keys: which. */
  readonly usesFormerKey: boolean;
}

/** A hello that was found good, and the word to answer it with. */
export interface Received {
  readonly peer: ProvenPeer;
  readonly welcome: string;
}

/** Highest protocol version of this release, told with hello and welcome. */
export const PROOF_VERSION = '4';
