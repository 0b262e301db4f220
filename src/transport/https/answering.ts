import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ArrivingRequest, WireResponse } from '../../protocol/wire.js';
import { FartherOnError, RedlinkError, describe } from '../../support/errors.js';
import type { Log } from '../../support/log.js';
import { openBody, release } from '../body-chunks.js';
import { failureAnswer, jsonAnswer } from '../failure-answer.js';
import type { Serve } from '../port.js';
import { ArrivingBody } from './arriving-body.js';
import { plainIp } from './connections.js';
import { refusalAnswer, type Gate } from './gate.js';
import type { HttpsLimits } from './limits.js';
import { RequestsUnderWay, type Admission } from './requests-under-way.js';
import { sendBody } from './send-body.js';

const METHOD_NOT_ALLOWED = 405;
const TOO_MANY_REQUESTS = 429;

/** Answers the requests of one listener, each of them, whatever becomes of the handler. */
export class Answering {
  private readonly underWay: RequestsUnderWay;

  constructor(
    private readonly serve: Serve,
    private readonly limits: HttpsLimits,
    private readonly log: Log,
    private readonly gate: Gate,
  ) {
    this.underWay = new RequestsUnderWay(limits);
  }

  /** To be asked first. What is ignored is not to be handled at all. */
  admit(request: IncomingMessage, response: ServerResponse): Admission {
    const admission = this.underWay.begin(request, response);
    if (admission === 'ignored') return admission;
    response.on('error', (error) => {
      this.log.debug(`answer to ${request.url ?? ''}: ${error.message}`);
    });
    return admission;
  }

  /** Takes a request from its headers to the last byte of its answer. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.give(await this.answerTo(request, response), request, response);
  }

  /** Says that there are too many. Never rejects. */
  async refuse(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.give(tooManyRequests(), request, response);
  }

  private async give(
    answer: WireResponse,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    this.tell(answer, await this.send(answer, response));
    this.letGo(request);
  }

  private async answerTo(request: IncomingMessage, response: ServerResponse): Promise<WireResponse> {
    if (request.method !== 'POST') return onlyPost();
    return this.gate.answerHello(request) ?? (await this.ask(request, response));
  }

  /** The handler's answer, or one that says that there is none. */
  private async ask(request: IncomingMessage, response: ServerResponse): Promise<WireResponse> {
    const body = new ArrivingBody(request, {
      idleMs: this.limits.idleMs,
      minBytesPerIdle: this.limits.minBytesPerIdle,
      tooSlow: 'BAD_REQUEST',
      // It says nothing of the store that a body is passed on to.
      explain: (cause) => new FartherOnError('PEER_UNREACHABLE', 'the request was cut', cause),
      onDone: () => undefined,
    });
    const served = this.callServe(request, body);
    const answer = await Promise.race([served, this.overdue(body, response)]);
    if (answer !== undefined) return answer;
    // Too late for the asker, but the handler must learn that its answer was not sent.
    void served.then((late) => {
      closeSource(late);
      this.tell(late, false);
    });
    body.fail(new RedlinkError('TIMED_OUT', 'the store took too long to answer'));
    return failureAnswer(new RedlinkError('TIMED_OUT', 'the store took too long to answer'));
  }

  private async callServe(request: IncomingMessage, body: ArrivingBody): Promise<WireResponse> {
    const arriving = {
      path: (request.url ?? '').replace(/\?.*$/, ''),
      headers: flatHeaders(request),
      remoteIp: plainIp(request.socket.remoteAddress),
      body,
    };
    let admitted: ArrivingRequest;
    try {
      admitted = await this.gate.admit(request, arriving);
    } catch (thrown) {
      return thrown instanceof RedlinkError ? refusalAnswer(thrown) : failureAnswer(thrown);
    }
    try {
      return await this.serve(admitted);
    } catch (thrown) {
      this.log.debug(`${request.url ?? ''} failed: ${describe(thrown)}`);
      return failureAnswer(thrown);
    }
  }

  /** Comes to pass where neither an answer nor more of the request came for the answer time. */
  private async overdue(body: ArrivingBody, response: ServerResponse): Promise<undefined> {
    await new Promise<void>((resolve) => {
      let seenBytes = 0;
      const look = (): void => {
        if (body.receivedBytes === seenBytes) {
          resolve();
        } else {
          seenBytes = body.receivedBytes;
          timer.refresh();
        }
      };
      const timer = setTimeout(look, this.limits.answerTimeoutMs);
      response.once('close', () => {
        clearTimeout(timer);
      });
    });
    return undefined;
  }

  /** Tells the handler what became of its answer. */
  private tell(answer: WireResponse, sent: boolean): void {
    try {
      answer.onSent?.(sent);
    } catch (thrown) {
      this.log.error(`what follows an answer failed: ${describe(thrown)}`);
    }
  }

  /** Gives whether all of the answer was handed to the network. */
  private async send(answer: WireResponse, response: ServerResponse): Promise<boolean> {
    try {
      const declaredBytes = writeHead(answer, response);
      await sendBody(answer.body, response, { idleMs: this.limits.idleMs, declaredBytes });
      return response.errored === null;
    } catch (thrown) {
      this.log.debug(`an answer was not sent whole: ${describe(thrown)}`);
      if (!response.headersSent && !response.destroyed) {
        // The headers cannot be written, so nothing of this answer can: the asker gets another.
        closeSource(answer);
        const failure = failureAnswer(thrown);
        writeHead(failure, response);
        response.end(failure.body);
      } else {
        // Cut, so that the reader does not take the part for the whole.
        response.destroy();
      }
      return false;
    }
  }

  /** What the sender has still to say after the answer is dropped for a while; then it is cut. */
  private letGo(request: IncomingMessage): void {
    if (request.complete || request.destroyed) return;
    request.resume();
    const linger = setTimeout(() => {
      if (!request.complete) request.destroy();
    }, this.limits.lingerMs);
    request.once('close', () => {
      clearTimeout(linger);
    });
  }
}

/** Writes status and headers; gives the length of the body where it is known. */
function writeHead(answer: WireResponse, response: ServerResponse): number | undefined {
  const headers: Record<string, string> = { ...answer.headers };
  if (typeof answer.body === 'string') headers['content-length'] = String(Buffer.byteLength(answer.body));
  const declared = headers['content-length'];
  response.writeHead(answer.status, headers);
  return declared === undefined ? undefined : Number(declared);
}

function tooManyRequests(): WireResponse {
  return jsonAnswer(TOO_MANY_REQUESTS, 'too many requests at a time', 'TOO_MANY_REQUESTS');
}

function onlyPost(): WireResponse {
  const answer = jsonAnswer(METHOD_NOT_ALLOWED, 'only POST is answered here', 'BAD_REQUEST');
  return { ...answer, headers: { ...answer.headers, allow: 'POST' } };
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function closeSource(answer: WireResponse): void {
  if (typeof answer.body !== 'string') release(openBody(answer.body));
}
