/** Connections from everybody together. Below the 1,024 file handles that a process often gets. */
const MAX_CONNECTIONS = 900;

/**
 * Connections from one address. Several stores may share it (one machine, one NAT), each of them with up to
 * {@link MAX_SOCKETS_PER_PEER}; one sender alone must not take all.
 */
const MAX_CONNECTIONS_PER_REMOTE = 400;

/**
 * Requests from one address that are being answered at a time. A store has at most {@link MAX_SOCKETS_PER_PEER}
 * under way; only who sends one after the other without waiting for answers comes so far.
 */
const MAX_REQUESTS_PER_REMOTE = 512;

/**
 * Requests of one connection that are being answered at a time. A store sends the next when it has the answer, which may
 * be a moment before this side knows that all of it was sent.
 */
const MAX_REQUESTS_PER_CONNECTION = 8;

/** Connections kept to one peer. More requests queue: a TLS handshake costs more than the wait. */
const MAX_SOCKETS_PER_PEER = 64;

/** Peers whose connections are kept. A mesh has few neighbours; readers without reverse path add some. */
const MAX_PEERS = 256;

/** Node's own default. A 3.0.5 store puts `preserved` into headers and fails beyond this, too. */
const MAX_HEADER_BYTES = 16_384;

/** From connect to the end of the TLS handshake: some round trips, even over a satellite. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** From the handshake, or the request's first byte, to the end of its headers; then it is cut. */
const HEADERS_TIMEOUT_MS = 10_000;

/** A body that stands still so long is cut, whichever side does not move. */
const IDLE_MS = 30_000;

/** Bytes that a sender must deliver in {@link IDLE_MS}: stops one that drips a byte now and then. */
const MIN_BYTES_PER_IDLE = 1_024;

/** A store that has read all of a request, or does not read on, answers in this time or not at all. */
const ANSWER_TIMEOUT_MS = 120_000;

/** How long a listener keeps an idle connection: longer than {@link FREE_SOCKET_MS} of the asking side. */
const KEEP_ALIVE_MS = 60_000;

/**
 * How long the asking side keeps an idle connection: shorter, so that it never sends into a closing one; but longer than
 * the 30 s between two announcements, so that there is always one whose end tells that the peer has gone.
 */
const FREE_SOCKET_MS = 45_000;

/** After an answer, what the sender still had to say is read and dropped this long; then it is cut. */
const LINGER_MS = 2_000;

/** How often Node looks for connections that are past their header time. */
const CHECK_INTERVAL_MS = 1_000;

/** What keeps one peer, or one sender, from taking all of a store. Times in milliseconds. */
export interface HttpsLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerRemote: number;
  readonly maxRequestsPerRemote: number;
  readonly maxRequestsPerConnection: number;
  readonly maxSocketsPerPeer: number;
  readonly maxPeers: number;
  readonly maxHeaderBytes: number;
  readonly handshakeTimeoutMs: number;
  readonly headersTimeoutMs: number;
  /** At the listening side; the asking side gets its own with each call. */
  readonly idleMs: number;
  readonly minBytesPerIdle: number;
  readonly answerTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly freeSocketMs: number;
  readonly lingerMs: number;
  readonly checkIntervalMs: number;
}

export const DEFAULT_LIMITS: HttpsLimits = {
  maxConnections: MAX_CONNECTIONS,
  maxConnectionsPerRemote: MAX_CONNECTIONS_PER_REMOTE,
  maxRequestsPerRemote: MAX_REQUESTS_PER_REMOTE,
  maxRequestsPerConnection: MAX_REQUESTS_PER_CONNECTION,
  maxSocketsPerPeer: MAX_SOCKETS_PER_PEER,
  maxPeers: MAX_PEERS,
  maxHeaderBytes: MAX_HEADER_BYTES,
  handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
  headersTimeoutMs: HEADERS_TIMEOUT_MS,
  idleMs: IDLE_MS,
  minBytesPerIdle: MIN_BYTES_PER_IDLE,
  answerTimeoutMs: ANSWER_TIMEOUT_MS,
  keepAliveMs: KEEP_ALIVE_MS,
  freeSocketMs: FREE_SOCKET_MS,
  lingerMs: LINGER_MS,
  checkIntervalMs: CHECK_INTERVAL_MS,
};
