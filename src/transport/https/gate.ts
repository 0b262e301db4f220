import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { MAX_BODY_BYTES } from '../../protocol/limits.js';
import type { ArrivingRequest, WireResponse } from '../../protocol/wire.js';
import { writeAuthHeader } from '../../security/auth-header.js';
import { PROOF_VERSION, type Channel, type Membership, type ProvenPeer } from '../../security/membership.js';
import type { PeerNotices } from '../../security/peer-notices.js';
import { refused } from '../../security/refusal.js';
import { RequestVerifier } from '../../security/request-signing.js';
import { unseal } from '../../security/sealed-body.js';
import { hashOfBody, SEALED } from '../../security/signature.js';
import { RedlinkError } from '../../support/errors.js';
import { jsonAnswer } from '../failure-answer.js';
import { channelOfServer } from './channel.js';
import { plainIp } from './connections.js';
import { PROOF_PATH, REFUSAL_HEADER, WELCOME_HEADER } from './proof-exchange.js';

const OK = 200;
const UNAUTHORIZED = 401;

/** Decides which requests reach a store, before anything of their bodies is looked at. */
export interface Gate {
  /** The answer to a hello; undefined where the request is none. */
  answerHello(request: IncomingMessage): WireResponse | undefined;
  /**
   * The request as it may be acted on.
   * @throws RedlinkError with a code of `refusal.ts`, to be answered with {@link refusalAnswer}
   */
  admit(request: IncomingMessage, arriving: ArrivingRequest): Promise<ArrivingRequest>;
}

/** In legacy mode nobody can prove anything: all may speak. */
export class LegacyGate implements Gate {
  constructor(
    private readonly storeName: string,
    private readonly notices: PeerNotices,
  ) {}

  answerHello(request: IncomingMessage): WireResponse | undefined {
    if (!isHello(request)) return undefined;
    const error = refused('PEER_IS_LEGACY');
    this.notices.refused(senderOf(request), refused('NOT_SIGNED'), performance.now());
    const identity = writeAuthHeader('Redlink-Legacy', { version: PROOF_VERSION, sender: this.storeName });
    return { ...helloRefused(error), headers: { [REFUSAL_HEADER]: error.code, [WELCOME_HEADER]: identity } };
  }

  async admit(_request: IncomingMessage, arriving: ArrivingRequest): Promise<ArrivingRequest> {
    return arriving;
  }
}

/** In mesh mode only stores speak that have proved on this very connection that they belong. */
export class MeshGate implements Gate {
  private readonly channels = new WeakMap<TLSSocket, Channel>();
  private readonly proven = new WeakMap<object, ProvenPeer>();
  private readonly verifier: RequestVerifier | undefined;

  constructor(
    private readonly membership: Membership,
    private readonly notices: PeerNotices,
  ) {
    const { keys, storeName } = membership;
    this.verifier = keys && new RequestVerifier(storeName, keys);
  }

  answerHello(request: IncomingMessage): WireResponse | undefined {
    if (!isHello(request)) return undefined;
    try {
      const { socket } = request;
      if (!(socket instanceof TLSSocket)) throw refused('NOT_SIGNED');
      const channel = this.channelOf(socket);
      const { peer, welcome } = this.membership.receive(request.headers.authorization, channel, Date.now());
      this.proven.set(socket, peer);
      this.notices.welcomed(senderOf(request));
      if (peer.usesFormerKey) this.notices.formerKey(peer.storeName);
      return { status: OK, headers: { [WELCOME_HEADER]: welcome }, body: '' };
    } catch (thrown) {
      if (!(thrown instanceof RedlinkError)) throw thrown;
      this.notices.refused(senderOf(request), thrown, performance.now());
      return helloRefused(thrown);
    }
  }

  async admit(request: IncomingMessage, arriving: ArrivingRequest): Promise<ArrivingRequest> {
    try {
      return await this.checked(request, arriving);
    } catch (thrown) {
      if (thrown instanceof RedlinkError) this.notices.refused(senderOf(request), thrown, performance.now());
      throw thrown;
    }
  }

  private channelOf(socket: TLSSocket): Channel {
    const known = this.channels.get(socket);
    if (known !== undefined) return known;
    const channel = channelOfServer(socket);
    this.channels.set(socket, channel);
    return channel;
  }

  private async checked(request: IncomingMessage, arriving: ArrivingRequest): Promise<ArrivingRequest> {
    const peer = this.proven.get(request.socket);
    if (peer === undefined) throw refused('NOT_SIGNED');
    const senderName = peer.storeName;
    if (this.verifier === undefined) return { ...arriving, senderName };
    const signed = { method: request.method ?? '', path: arriving.path, sender: senderName };
    const what = { ...signed, machine: senderOf(request) };
    const { key, nonce, bodyHash } = this.verifier.verify(request.headers.authorization, what, Date.now());
    const { body } = arriving;
    const checked = bodyHash === SEALED ? unseal(body, key, nonce) : await wholeBody(body, bodyHash);
    return { ...arriving, senderName, body: checked };
  }
}

/** What a request gets that the gate has refused. */
export function refusalAnswer(error: RedlinkError): WireResponse {
  const { status, headers, body } = jsonAnswer(UNAUTHORIZED, error.message, error.code);
  return { status, body, headers: { ...headers, [REFUSAL_HEADER]: error.code, connection: 'close' } };
}

/** The connection stays: the next hello may prove with another key. */
function helloRefused(error: RedlinkError): WireResponse {
  return { status: UNAUTHORIZED, headers: { [REFUSAL_HEADER]: error.code }, body: '' };
}

function isHello(request: IncomingMessage): boolean {
  return request.url === PROOF_PATH;
}

function senderOf(request: IncomingMessage): string {
  return plainIp(request.socket.remoteAddress);
}

/** A short body is read and checked before anything of it is looked at. */
async function wholeBody(body: AsyncIterable<Uint8Array>, hash: string): Promise<AsyncIterable<Uint8Array>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES)
      throw new RedlinkError('BODY_TOO_LARGE', 'the body is larger than it may be');
    parts.push(chunk);
  }
  const whole = Buffer.concat(parts);
  if (hashOfBody(whole) !== hash) throw refused('BAD_SIGNATURE');
  return (async function* () {
    yield whole;
  })();
}
