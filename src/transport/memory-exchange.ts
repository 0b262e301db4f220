import { RedlinkError } from '../support/errors.js';
import type { Clock, Timer } from '../support/clock.js';
import { addressKey, type Address } from '../protocol/address.js';
import type {
  ArrivingRequest,
  ArrivingResponse,
  WireBody,
  WireRequest,
  WireResponse,
} from '../protocol/wire.js';
import { openBody, release } from './body-chunks.js';
import { failureAnswer } from './failure-answer.js';
import type { Fate, Repeat } from './memory-faults.js';
import { MemoryPipe } from './memory-pipe.js';
import type { CallLimits, Serve } from './port.js';

/** What a listener allows a body to stand still, in virtual milliseconds, as the HTTPS one does. */
const LISTENER_IDLE_MS = 30_000;

/** One address of the virtual network that is listened on. */
export interface Station {
  readonly serve: Serve;
  /** What is under way here; a listener that closes cuts it. */
  readonly exchanges: Set<Exchange>;
}

export interface ExchangeOptions {
  readonly clock: Clock;
  /** Who listens at the address, at the moment of asking. */
  readonly find: (address: Address) => Station | undefined;
  readonly to: Address;
  readonly request: WireRequest;
  readonly limits: CallLimits;
  readonly fate: Fate;
  readonly remoteIp: string;
}

/** One request and its answer on the virtual network: from `post` to the last byte, or to the cut. */
export class Exchange {
  /** What the answering side reads. */
  private readonly upload: MemoryPipe;
  /** What the asking side reads. */
  private readonly download: MemoryPipe;
  private readonly timers: Timer[] = [];
  private readonly endings: (() => void)[] = [];
  private cutFor: RedlinkError | undefined;
  /** Whether the request got as far as the other side, which reads its body then. */
  private received = false;
  private answerWritten = false;
  /** Gives the outcome to the asker; undefined once it has one. */
  private settle: ((outcome: ArrivingResponse | RedlinkError) => void) | undefined;

  constructor(private readonly options: ExchangeOptions) {
    const { clock, fate, limits } = options;
    const chunkDelayMs = fate.chunkDelayMs ?? 0;
    const atAsker = limits.idleMs;
    this.upload = new MemoryPipe(clock, {
      readerIdleMs: LISTENER_IDLE_MS,
      writerIdleMs: atAsker,
      chunkDelayMs,
      cutAfterBytes: fate.cutRequestAfterBytes ?? Infinity,
    });
    this.download = new MemoryPipe(clock, {
      readerIdleMs: atAsker,
      writerIdleMs: LISTENER_IDLE_MS,
      chunkDelayMs,
      cutAfterBytes: fate.cutAnswerAfterBytes ?? Infinity,
    });
  }

  /** Calls `ended` once nothing of this exchange is under way any more. */
  onEnd(ended: () => void): void {
    this.endings.push(ended);
  }

  run(): Promise<ArrivingResponse> {
    const { fate, limits, to } = this.options;
    const answered = new Promise<ArrivingResponse>((resolve, reject) => {
      this.settle = (outcome) => {
        this.settle = undefined;
        if (outcome instanceof RedlinkError) reject(outcome);
        else resolve(outcome);
      };
    });
    const deadline = this.later(limits.answerWithinMs, () => {
      this.cut(timedOut(`no answer from ${addressKey(to)} in ${limits.answerWithinMs} ms`));
    });
    answered.then(
      () => {
        deadline.cancel();
      },
      () => undefined,
    );
    if (fate.requestLost !== true)
      this.later(fate.requestDelayMs, () => {
        this.arrive();
      });
    return answered;
  }

  /** Breaks the connection at both ends; `error` is what the asker learns. */
  cut(error: RedlinkError): void {
    if (this.cutFor !== undefined) return;
    this.cutFor = error;
    for (const timer of this.timers) timer.cancel();
    this.upload.cut(broken('the connection broke'));
    this.download.cut(error);
    this.settle?.(error);
    if (!this.received) giveUpBody(this.options.request.body);
    this.end();
  }

  /** The request reaches the other side, if there is one. */
  private arrive(): void {
    const { fate, find, to } = this.options;
    const station = fate.refused === true ? undefined : find(to);
    if (station === undefined) {
      this.cut(broken(`nobody listens at ${addressKey(to)}`));
      return;
    }
    this.received = true;
    station.exchanges.add(this);
    this.onEnd(() => station.exchanges.delete(this));
    const { repeat } = fate;
    if (repeat !== undefined) this.options.clock.after(repeat.afterMs, () => void this.arriveAgain(repeat));
    void this.receive();
    void this.attend(station.serve);
  }

  private async receive(): Promise<void> {
    const whole = await this.upload.feed(this.options.request.body);
    // A body that the other side left unread breaks nothing: its answer still comes.
    if (!whole && !this.upload.left) this.cut(this.upload.failed ?? broken('the request was cut'));
  }

  private async attend(serve: Serve): Promise<void> {
    const response = await served(serve, this.arriving(this.upload));
    if (this.cutFor !== undefined) {
      giveUp(response);
      return;
    }
    const { fate } = this.options;
    if (fate.answerLost === true) {
      void swallow(this.download);
    } else {
      const { status, headers } = response;
      this.later(fate.answerDelayMs, () => {
        this.settle?.({ status, headers: { ...headers }, body: this.download });
        this.endIfDone();
      });
    }
    const complete = await this.download.feed(response.body);
    this.upload.leave();
    this.answerWritten = true;
    response.onSent?.(complete);
    this.endIfDone();
  }

  /** The same request once more, to whoever listens by then. Nobody waits for this answer. */
  private async arriveAgain(repeat: Repeat): Promise<void> {
    const { find, request, to } = this.options;
    const station = find(to);
    if (station === undefined || typeof request.body !== 'string') return;
    const pipe = this.pipeForNobody();
    void pipe.feed(request.body);
    const response = await served(station.serve, this.arriving(pipe));
    if (!repeat.sent) {
      giveUp(response);
      return;
    }
    const answer = this.pipeForNobody();
    void swallow(answer);
    response.onSent?.(await answer.feed(response.body));
  }

  private pipeForNobody(): MemoryPipe {
    return new MemoryPipe(this.options.clock, {
      readerIdleMs: LISTENER_IDLE_MS,
      writerIdleMs: LISTENER_IDLE_MS,
      chunkDelayMs: 0,
      cutAfterBytes: Infinity,
    });
  }

  private arriving(body: MemoryPipe): ArrivingRequest {
    const { request, remoteIp } = this.options;
    return { path: request.path, headers: { ...request.headers }, remoteIp, body };
  }

  private later(delayMs: number, fire: () => void): Timer {
    const timer = this.options.clock.after(delayMs, fire);
    this.timers.push(timer);
    return timer;
  }

  private endIfDone(): void {
    if (this.answerWritten && this.settle === undefined) this.end();
  }

  private end(): void {
    for (const ended of this.endings.splice(0)) ended();
  }
}

async function served(serve: Serve, request: ArrivingRequest): Promise<WireResponse> {
  try {
    return await serve(request);
  } catch (thrown) {
    return failureAnswer(thrown);
  }
}

/** An answer that can no longer be sent: its source is closed and its writer told. */
function giveUp(response: WireResponse): void {
  giveUpBody(response.body);
  response.onSent?.(false);
}

function giveUpBody(body: WireBody): void {
  if (typeof body !== 'string') release(openBody(body));
}

/** Takes the bytes of an answer that is lost on the way: for its writer it was sent. */
async function swallow(pipe: MemoryPipe): Promise<void> {
  const reader = pipe[Symbol.asyncIterator]();
  const takeAll = async (): Promise<void> => {
    while ((await reader.next()).done !== true);
  };
  // Where the writer fails it knows so itself; nobody else waits for these bytes.
  await takeAll().catch(() => undefined);
}

function broken(text: string): RedlinkError {
  return new RedlinkError('PEER_UNREACHABLE', text);
}

function timedOut(text: string): RedlinkError {
  return new RedlinkError('PEER_TIMEOUT', text);
}
