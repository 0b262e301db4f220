import type { ClientRequest, IncomingMessage } from 'node:http';
import type { ArrivingResponse, WireRequest } from '../../protocol/wire.js';
import { RedlinkError } from '../../support/errors.js';
import type { CallLimits } from '../port.js';
import { ArrivingBody } from './arriving-body.js';
import { explain, flatHeaders, unreachable } from './call.js';
import type { Peer } from './peer.js';
import { sendBody } from './send-body.js';

/** One POST to a peer that is a new store, straight on `node:https`: the same as `Call`, many times as quick. */
export class QuickCall {
  private readonly sent: ClientRequest;
  private failure: RedlinkError | undefined;
  private answered = false;
  private uploading = false;
  private over = false;
  private deadline: NodeJS.Timeout | undefined;
  private refuse: (error: RedlinkError) => void = () => undefined;

  /** @param onOver called once, when nothing of it is under way any more. */
  constructor(
    peer: Peer,
    private readonly url: URL,
    private readonly request: WireRequest,
    private readonly limits: CallLimits,
    private readonly onOver: () => void,
  ) {
    const { body, headers, path } = request;
    const length = typeof body === 'string' ? { 'content-length': String(Buffer.byteLength(body)) } : {};
    this.sent = peer.begin(url, path, { ...headers, ...length });
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
      const { body } = this.request;
      if (typeof body === 'string') this.sent.end(body);
      else this.upload(body);
    });
  }

  /** See `Call.metClosingConnection`. */
  get metClosingConnection(): boolean {
    const cut = this.failure?.code === 'PEER_UNREACHABLE' && !this.answered;
    return cut && this.sent.reusedSocket && typeof this.request.body === 'string';
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

  private upload(body: AsyncIterable<Uint8Array>): void {
    const declared = this.request.headers['content-length'];
    const declaredBytes = declared === undefined ? undefined : Number(declared);
    this.uploading = true;
    sendBody(body, this.sent, { idleMs: this.limits.idleMs, declaredBytes })
      .catch((thrown: unknown) => {
        this.fail(explain(thrown, this.url));
      })
      .finally(() => {
        this.uploading = false;
      });
  }

  private receive(response: IncomingMessage): ArrivingResponse {
    const body = new ArrivingBody(response, {
      idleMs: this.limits.idleMs,
      minBytesPerIdle: 1,
      tooSlow: 'PEER_TIMEOUT',
      explain: (cause) => this.failure ?? explain(cause ?? new Error('the answer was cut'), this.url),
      onDone: (how) => {
        const whole = how === 'ended' || (how === 'left' && response.complete);
        // An answer that was not read to its end leaves a connection that nobody can use. One that came before the
        // request was out is final: nobody wants the rest of the request.
        if (whole && !this.uploading) response.resume();
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
