import type { Address } from '../../protocol/address.js';
import type { ArrivingResponse, WireRequest } from '../../protocol/wire.js';
import { refusalCode, refused } from '../../security/refusal.js';
import { RedlinkError, asError } from '../../support/errors.js';
import { Slots } from '../../support/slots.js';
import { openBody, release } from '../body-chunks.js';
import type { CallLimits, ToldOfCut } from '../port.js';
import { Call } from './call.js';
import type { HttpsLimits } from './limits.js';
import { connectPeer, type MeshSide, type Peer } from './peer.js';
import { peerUrl } from './peer-url.js';
import { REFUSAL_HEADER } from './proof-exchange.js';
import { QuickCall } from './quick-call.js';
import { proxyFor, type Environment } from './proxy.js';

/** A POST to a peer, whichever way it goes. */
type AnyCall = Pick<Call, 'run' | 'fail' | 'metClosingConnection'>;

/** A peer as long as it is known. */
interface Known {
  readonly peer: Promise<Peer>;
  /** Calls under way in mesh mode: Node's agent does not count a connection that is still being proved. */
  readonly slots: Slots;
  /** Calls under way. */
  active: number;
}

/** The asking side: keeps the connections to each peer, and what is under way on them. */
export class HttpsClient {
  private readonly known = new Map<string, Known>();
  private readonly calls = new Set<AnyCall>();
  private readonly toldOfCuts = new Set<ToldOfCut>();
  private closed = false;

  constructor(
    private readonly env: Environment,
    private readonly limits: HttpsLimits,
    private mesh?: MeshSide,
  ) {}

  /** See `Transport.post`; `CLOSED` once the client is closed. */
  async post(to: Address, request: WireRequest, limits: CallLimits): Promise<ArrivingResponse> {
    let call: AnyCall;
    try {
      call = await this.begin(to, request, limits);
    } catch (thrown) {
      // Nobody has opened the body, so nobody else closes it.
      if (typeof request.body !== 'string') release(openBody(request.body));
      throw thrown;
    }
    try {
      return this.taken(to, await call.run());
    } catch (thrown) {
      if (!call.metClosingConnection) throw thrown;
      // Once, and on a connection that is certainly new where the others have met the same end.
      return this.taken(to, await (await this.begin(to, request, limits)).run());
    }
  }

  /** An answer, unless it is that the other store refuses this one. @throws RedlinkError with a code of `refusal.ts` */
  private taken(to: Address, answer: ArrivingResponse): ArrivingResponse {
    const code = refusalCode(answer.headers[REFUSAL_HEADER]);
    if (code === undefined) return answer;
    release(openBody(answer.body));
    this.mesh?.caller.forget(peerUrl(to).host);
    throw refused(code);
  }

  /** See `Transport.onCut`. */
  onCut(told: ToldOfCut): void {
    this.toldOfCuts.add(told);
  }

  /** Ends all connections; calls under way fail. */
  async close(): Promise<void> {
    this.closed = true;
    for (const call of [...this.calls]) call.fail(closedError());
    const peers = [...this.known.values()];
    this.known.clear();
    for (const { peer } of peers) (await peer).end();
  }

  /** New connections show another certificate; those that are idle end by themselves. */
  renew(mesh: MeshSide): void {
    this.mesh = mesh;
    this.known.clear();
  }

  private async begin(to: Address, request: WireRequest, limits: CallLimits): Promise<AnyCall> {
    const url = peerUrl(to);
    const known = this.know(url, to);
    known.active += 1;
    let giveBack = (): void => undefined;
    try {
      const peer = await known.peer;
      if (this.mesh !== undefined) giveBack = await known.slots.take();
      const prepared =
        this.mesh?.caller.prepareNow(url.host, request) ?? (await this.prepare(peer, url, request, limits));
      if (this.closed) throw closedError();
      const call = this.make(peer, url, prepared, limits, () => {
        giveBack();
        known.active -= 1;
        this.calls.delete(call);
      });
      this.calls.add(call);
      return call;
    } catch (thrown) {
      giveBack();
      known.active -= 1;
      throw thrown;
    }
  }

  private make(peer: Peer, url: URL, request: WireRequest, limits: CallLimits, onOver: () => void): AnyCall {
    const Way = request.quick === true ? QuickCall : Call;
    return new Way(peer, url, request, limits, onOver);
  }

  /** In mesh mode: signed for the store that is there. */
  private async prepare(
    peer: Peer,
    url: URL,
    request: WireRequest,
    { answerWithinMs }: CallLimits,
  ): Promise<WireRequest> {
    const { introduce } = peer;
    if (this.mesh === undefined || introduce === undefined) return request;
    const prepared = this.mesh.caller.prepare(url.host, request, introduce);
    return within(prepared, answerWithinMs, () => {
      return new RedlinkError('PEER_TIMEOUT', `${url.host} did not prove itself in ${answerWithinMs} ms`);
    });
  }

  private know(url: URL, to: Address): Known {
    if (this.closed) throw closedError();
    const already = this.known.get(url.host);
    if (already !== undefined) return already;
    this.forgetIdlePeers();
    const known = {
      peer: connectPeer(url, proxyFor(url, this.env), this.limits, this.mesh, () => {
        for (const told of this.toldOfCuts) told(to);
      }),
      slots: new Slots(this.limits.maxSocketsPerPeer),
      active: 0,
    };
    this.known.set(url.host, known);
    return known;
  }

  /** Keeps the number of known peers within its bound: those first known go first, but none in use. */
  private forgetIdlePeers(): void {
    for (const [key, { active, peer }] of this.known) {
      if (this.known.size < this.limits.maxPeers) return;
      if (active > 0) continue;
      this.known.delete(key);
      void peer.then((idle) => {
        idle.end();
      });
    }
  }
}

function closedError(): RedlinkError {
  return new RedlinkError('CLOSED', 'this store is closed');
}

/** The outcome of some work, or an error where it takes too long. */
async function within<T>(work: Promise<T>, timeLimitMs: number, tooLate: () => RedlinkError): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(tooLate());
    }, timeLimitMs);
    work
      .then(resolve, (thrown: unknown) => {
        reject(asError(thrown));
      })
      .finally(() => {
        clearTimeout(timer);
      });
  });
}
