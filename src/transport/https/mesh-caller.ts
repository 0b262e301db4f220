import { MAX_BODY_BYTES } from '../../protocol/limits.js';
import type { WireRequest } from '../../protocol/wire.js';
import type { Membership, ProvenPeer } from '../../security/membership.js';
import { MAC_BYTES } from '../../security/mac.js';
import type { PeerNotices } from '../../security/peer-notices.js';
import { RequestSigner } from '../../security/request-signing.js';
import { seal } from '../../security/sealed-body.js';
import { openBody } from '../body-chunks.js';

/** How a store learns who is at an address. */
export type Introduce = () => Promise<ProvenPeer>;

/** The asking side in mesh mode: knows who is at which address, and signs what goes there. */
export class MeshCaller {
  private readonly signer: RequestSigner | undefined;
  private readonly known = new Map<string, ProvenPeer>();
  private readonly introductions = new Map<string, Promise<ProvenPeer>>();

  constructor(
    readonly membership: Membership,
    private readonly notices: PeerNotices,
    private readonly maxPeers: number,
  ) {
    const { keys, storeName } = membership;
    this.signer = keys && new RequestSigner(storeName, keys);
  }

  /** The request as it is sent to an address. @throws RedlinkError where nobody there proves that it belongs */
  async prepare(host: string, request: WireRequest, introduce: Introduce): Promise<WireRequest> {
    return this.signed(request, await this.peerAt(host, introduce));
  }

  /** The same at once, where it is known who is there. */
  prepareNow(host: string, request: WireRequest): WireRequest | undefined {
    const peer = this.known.get(host);
    return peer && this.signed(request, peer);
  }

  private signed(request: WireRequest, peer: ProvenPeer): WireRequest {
    if (this.signer === undefined) return request;
    const whole = wholeText(request.body);
    const outgoing = { method: 'POST', path: request.path, audience: peer.storeName, body: whole };
    const { header, key, nonce } = this.signer.sign(outgoing, peer.keyId, Date.now());
    const headers = { ...request.headers, authorization: header };
    if (whole !== undefined) return { ...request, headers };
    return {
      ...request,
      headers: withSealLength(headers),
      body: seal({ [Symbol.asyncIterator]: () => openBody(request.body) }, key, nonce),
    };
  }

  /** A connection to an address was proved. */
  learned(host: string, peer: ProvenPeer): void {
    this.known.delete(host);
    const [oldest] = this.known.keys();
    if (this.known.size >= this.maxPeers && oldest !== undefined) this.known.delete(oldest);
    this.known.set(host, peer);
    if (peer.usesFormerKey) this.notices.formerKey(peer.storeName);
  }

  /** What was known of an address is not so any more. */
  forget(host: string): void {
    this.known.delete(host);
  }

  private async peerAt(host: string, introduce: Introduce): Promise<ProvenPeer> {
    const underWay = this.introductions.get(host);
    if (underWay !== undefined) return underWay;
    const introduced = introduce();
    this.introductions.set(host, introduced);
    try {
      return await introduced;
    } finally {
      this.introductions.delete(host);
    }
  }
}

/** A body that is short enough to be checked before it is read. */
function wholeText(body: WireRequest['body']): string | undefined {
  return typeof body === 'string' && Buffer.byteLength(body) <= MAX_BODY_BYTES ? body : undefined;
}

function withSealLength(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { 'content-length': length, ...rest } = headers;
  return length === undefined ? rest : { ...rest, 'content-length': String(Number(length) + MAC_BYTES) };
}
