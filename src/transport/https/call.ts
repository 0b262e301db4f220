import type { ClientRequest } from 'node:http';
import type { Request as GotRequest } from 'got';
import type { ArrivingResponse, WireRequest } from '../../protocol/wire.js';
import { RedlinkError, asError } from '../../support/errors.js';
import type { CallLimits } from '../port.js';
import { ArrivingBody } from './arriving-body.js';
import { networkReason } from './network-reasons.js';
import type { Peer } from './peer.js';
import { sendBody } from './send-body.js';

/** What came back, as far as this is concerned with it. */
interface Head {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly complete: boolean;
}

/** One POST to a peer, from its start to the last byte of its answer. */
export class Call {
  private readonly stream: GotRequest;
  private failure: RedlinkError | undefined;
  private sent: ClientRequest | undefined;
  private answered = false;
  private uploading = false;
  private over = false;

  /** @param onOver called once, when nothing of it is under way any more. */
  constructor(
    peer: Peer,
    private readonly url: URL,
    private readonly request: WireRequest,
    private readonly limits: CallLimits,
    private readonly onOver: () => void,
  ) {
    const { body, headers } = request;
    const target = new URL(request.path, url);
    const options = { headers: { ...headers } };
    this.stream = peer.got.stream.post(target, typeof body === 'string' ? { ...options, body } : options);
    this.stream.on('request', (sent: ClientRequest) => {
      this.sent = sent;
    });
    this.stream.on('error', (error) => {
      this.fail(explain(error, url));
    });
    this.stream.on('close', () => {
      this.fail(unreachable(url, 'the connection closed'));
    });
  }

  /** The answer, as soon as its headers are there. */
  async run(): Promise<ArrivingResponse> {
    const { answerWithinMs } = this.limits;
    const deadline = setTimeout(() => {
      this.fail(new RedlinkError('PEER_TIMEOUT', `no answer from ${this.url.host} in ${answerWithinMs} ms`));
    }, answerWithinMs);
    try {
      if (typeof this.request.body !== 'string') this.upload(this.request.body);
      const head = await this.head();
      this.answered = true;
      return this.receive(head);
    } finally {
      clearTimeout(deadline);
    }
  }

  /**
   * Whether the call failed because the peer ended a kept connection in the moment of its reuse: nothing
   * is wrong with the peer then, and on a new connection the same request gets its answer.
   */
  get metClosingConnection(): boolean {
    const cut = this.failure?.code === 'PEER_UNREACHABLE' && !this.answered;
    return cut && this.sent?.reusedSocket === true && typeof this.request.body === 'string';
  }

  /** Ends the call, wherever it is. */
  fail(error: RedlinkError): void {
    if (this.over || this.failure !== undefined) return;
    this.failure = error;
    this.stream.destroy();
    this.end();
  }

  private upload(body: AsyncIterable<Uint8Array>): void {
    const declared = this.request.headers['content-length'];
    const declaredBytes = declared === undefined ? undefined : Number(declared);
    this.uploading = true;
    sendBody(body, this.stream, { idleMs: this.limits.idleMs, declaredBytes }).then(
      () => {
        this.uploading = false;
      },
      (thrown: unknown) => {
        this.uploading = false;
        this.fail(explain(thrown, this.url));
      },
    );
  }

  private async head(): Promise<Head> {
    return new Promise<Head>((resolve, reject) => {
      const refuse = (): void => {
        reject(this.failure ?? unreachable(this.url, 'the connection closed'));
      };
      this.stream.once('response', resolve).once('error', refuse).once('close', refuse);
    });
  }

  private receive(head: Head): ArrivingResponse {
    const body = new ArrivingBody(this.stream, {
      idleMs: this.limits.idleMs,
      minBytesPerIdle: 1,
      tooSlow: 'PEER_TIMEOUT',
      explain: (cause) => this.failure ?? explain(cause ?? new Error('the answer was cut'), this.url),
      onDone: (how) => {
        this.answerDone(how === 'ended' || (how === 'left' && head.complete));
      },
    });
    return { status: head.statusCode, headers: flatHeaders(head.headers), body };
  }

  /** @param whole all of the answer has come, so that the connection can be used again. */
  private answerDone(whole: boolean): void {
    // An answer that came before the request was out is final: nobody wants the rest of the request.
    if (whole && !this.uploading) this.stream.resume();
    else this.stream.destroy();
    this.end();
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.onOver();
  }
}

/** Whatever went wrong on the way to a peer, in Redlink's terms. */
export function explain(thrown: unknown, url: URL): RedlinkError {
  if (thrown instanceof RedlinkError) return thrown;
  const error = asError(thrown);
  // What failed while the connection was made comes wrapped by got.
  if (error.cause instanceof RedlinkError) return error.cause;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === 'ETIMEDOUT') {
    return new RedlinkError('PEER_TIMEOUT', `${url.host} does not answer`, thrown);
  }
  return unreachable(url, networkReason(error), thrown);
}

export function unreachable(url: URL, why: string, cause?: unknown): RedlinkError {
  return new RedlinkError('PEER_UNREACHABLE', `${url.host}: ${why}`, cause);
}

export function flatHeaders(headers: Head['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
