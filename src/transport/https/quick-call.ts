import type { ClientRequest, IncomingMessage } from 'node:http';
import type { ArrivingResponse, WireRequest } from '../../protocol/wire.js';
import { RedlinkError } from '../../support/errors.js';
import type { CallLimits } from '../port.js';
import { ArrivingBody } from './arriving-body.js';
import { explain, flatHeaders, unreachable } from './call.js';
import type { Peer } from './peer.js';

/** A request whose body is all there. */
type TextRequest = WireRequest & { readonly body: string };

/** One POST of a short text to a peer, straight on `node:https`: the same as `Call`, many times as quick. */
export class QuickCall {
  private readonly sent: ClientRequest;
  private failure: RedlinkError | undefined;
  private answered = false;
  private over = false;
  private deadline: NodeJS.Timeout | undefined;
  private refuse: (error: RedlinkError) => void = () => undefined;

  /** @param onOver called once, when nothing of it is under way any more. */
  constructor(
    peer: Peer,
    private readonly url: URL,
    private readonly request: TextRequest,
    private readonly limits: CallLimits,
    private readonly onOver: () => void,
  ) {
    const { body, headers, path } = request;
    const length = String(Buffer.byteLength(body));
    this.sent = peer.begin(url, path, { ...headers, 'content-length': length });
    this.sent.on('error', (error) => {
      this.fail(explain(error, url));
    });
    this.sent.on('close', () => {
      if (!this.answered) this.fail(unreachable(url, 'the connection closed'));
    });
  }

  /** The answer, as soon as its headers are there. */
  async run(): Promise<ArrivingResponse> {
    const { answerWithinMs } = this.limits;
    return new Promise<ArrivingResponse>((resolve, reject) => {
      this.refuse = reject;
      if (this.failure !== undefined) {
        reject(this.failure);
        return;
      }
      this.deadline = setTimeout(() => {
        this.fail(
          new RedlinkError('PEER_TIMEOUT', `no answer from ${this.url.host} in ${answerWithinMs} ms`),
        );
      }, answerWithinMs);
      this.sent.once('response', (response) => {
        clearTimeout(this.deadline);
        this.answered = true;
        resolve(this.receive(response));
      });
      this.sent.end(this.request.body);
    });
  }

  /** See `Call.metClosingConnection`. */
  get metClosingConnection(): boolean {
    return this.failure?.code === 'PEER_UNREACHABLE' && !this.answered && this.sent.reusedSocket;
  }

  /** Ends the call, wherever it is. */
  fail(error: RedlinkError): void {
    if (this.over || this.failure !== undefined) return;
    this.failure = error;
    clearTimeout(this.deadline);
    this.sent.destroy();
    this.end();
    this.refuse(error);
  }

  private receive(response: IncomingMessage): ArrivingResponse {
    const body = new ArrivingBody(response, {
      idleMs: this.limits.idleMs,
      minBytesPerIdle: 1,
      tooSlow: 'PEER_TIMEOUT',
      explain: (cause) => this.failure ?? explain(cause ?? new Error('the answer was cut'), this.url),
      onDone: (how) => {
        // An answer that was not read to its end leaves a connection that nobody can use.
        if (how === 'ended' || (how === 'left' && response.complete)) response.resume();
        else this.sent.destroy();
        this.end();
      },
    });
    return { status: response.statusCode ?? 0, headers: flatHeaders(response.headers), body };
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.onOver();
  }
}
