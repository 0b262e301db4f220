import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Address } from '../../protocol/address.js';
import { readAuthHeader } from '../../security/auth-header.js';
import type { Membership } from '../../security/membership.js';
import type { PeerNotices } from '../../security/peer-notices.js';
import { refusalCode, refused } from '../../security/refusal.js';
import { RedlinkError, asError } from '../../support/errors.js';
import type { TlsIdentity } from './certificate.js';
import { DEFAULT_LIMITS } from './limits.js';
import { MeshCaller } from './mesh-caller.js';
import { networkReason } from './network-reasons.js';
import { connectPeer, type Peer } from './peer.js';
import { peerUrl } from './peer-url.js';
import { PROOF_PATH, REFUSAL_HEADER, WELCOME_HEADER } from './proof-exchange.js';
import { proxyFor, type Environment } from './proxy.js';
import { speaksNoTls } from './speaks-no-tls.js';

/** Longest time that a look at a peer takes, ms: a person waits for it. */
const LOOK_MS = 5_000;

/** Bytes of an answer that are looked at. */
const MAX_ANSWER_BYTES = 4_096;

/** What a 3.0.5 store says to a read that names no message: harmless to ask, and nobody else says it. */
const VERSION_3_WORDS = 'redlinkMsgId not specified';

/** Who asks, and how it proves itself; without membership: as a store in legacy mode. */
export interface Looking {
  readonly membership: Membership | undefined;
  readonly identity: TlsIdentity | undefined;
  readonly notices: PeerNotices;
  readonly env: Environment;
}

/** What is found at an address. */
export interface FoundPeer {
  readonly storeName: string | undefined;
  readonly version: number;
  /** SHA-256 of its certificate; undefined where it could not be told. */
  readonly fingerprint: string | undefined;
  readonly mode: 'mesh' | 'legacy';
  readonly keyId: string | undefined;
}

/**
 * Looks who is at an address, as a store does before it sends there, and changes nothing there.
 * @throws RedlinkError with a code of `refusal.ts` where the two do not fit, `PEER_*` where nobody answers
 */
export async function inspectPeer(to: Address, looking: Looking): Promise<FoundPeer> {
  const url = peerUrl(to);
  const limits = { ...DEFAULT_LIMITS, handshakeTimeoutMs: LOOK_MS, freeSocketMs: LOOK_MS };
  const { membership, identity, notices } = looking;
  const mesh = membership && { caller: new MeshCaller(membership, notices, 1), identity };
  const peer = await connectPeer(url, proxyFor(url, looking.env), limits, mesh);
  try {
    return peer.introduce === undefined ? await lookInLegacy(peer, url) : await proven(peer.introduce);
  } finally {
    peer.end();
  }
}

async function proven(introduce: NonNullable<Peer['introduce']>): Promise<FoundPeer> {
  const { storeName, fingerprint, keyId } = await introduce();
  return { storeName, version: 4, fingerprint, mode: 'mesh', keyId };
}

async function lookInLegacy(peer: Peer, url: URL): Promise<FoundPeer> {
  const hello = await post(peer, new URL(PROOF_PATH, url), '');
  const code = refusalCode(hello.headers[REFUSAL_HEADER]);
  if (code !== undefined && code !== 'PEER_IS_LEGACY') throw refused('NOT_SIGNED');
  const { fingerprint } = hello;
  const said = readAuthHeader('Redlink-Legacy', hello.headers[WELCOME_HEADER]);
  if (said !== undefined) {
    return { storeName: said['sender'], version: 4, fingerprint, mode: 'legacy', keyId: undefined };
  }
  const read = await post(peer, new URL('/read-message', url), '{}');
  if (!read.text.includes(VERSION_3_WORDS)) throw refused('NOT_A_STORE');
  return { storeName: undefined, version: 3, fingerprint, mode: 'legacy', keyId: undefined };
}

interface Answer {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  readonly fingerprint: string | undefined;
}

async function post(peer: Peer, url: URL, body: string): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const stream = peer.got.stream.post(url, {
      body,
      headers: { 'content-type': 'application/json' },
      timeout: { request: LOOK_MS },
    });
    let answer: Omit<Answer, 'text'> | undefined;
    let text = '';
    stream.on('response', (response: IncomingMessage) => {
      answer = { headers: firstOf(response.headers), fingerprint: fingerprintOf(response) };
    });
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.length > MAX_ANSWER_BYTES) stream.destroy(refused('NOT_A_STORE'));
    });
    stream.once('end', () => {
      if (answer === undefined) reject(refused('NOT_A_STORE'));
      else resolve({ ...answer, text });
    });
    stream.once('error', (error: unknown) => {
      reject(explain(error, url));
    });
  });
}

function explain(thrown: unknown, url: URL): RedlinkError {
  if (thrown instanceof RedlinkError) return thrown;
  if (speaksNoTls(thrown)) return refused('NOT_A_STORE');
  const error = asError(thrown);
  const isTimeout = 'code' in error && error.code === 'ETIMEDOUT';
  return new RedlinkError(
    isTimeout ? 'PEER_TIMEOUT' : 'PEER_UNREACHABLE',
    `${url.host}: ${networkReason(error)}`,
    error,
  );
}

function firstOf(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}

function fingerprintOf({ socket }: IncomingMessage): string | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined;
}
