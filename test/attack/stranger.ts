import { Agent, request } from 'node:https';
import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

/** Longest wait for an answer, ms: generous, for a busy machine; the store's own limits are shorter. */
const ANSWER_WITHIN_MS = 60_000;

/** Connections that an attacker keeps. */
const SOCKETS = 16;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Somebody without a key who can reach the port. */
export class Stranger {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: SOCKETS, rejectUnauthorized: false });

  private readonly heard = new WeakSet<Socket>();

  constructor(private readonly port: number) {}

  /** Posts a body. @returns the answer; status 0, with the reason, where there was none */
  async post(
    path: string,
    body: string | Buffer,
    headers: Readonly<Record<string, string | number>> = {},
  ): Promise<Answer> {
    return (await this.postOnce(path, body, headers)) ?? this.post(path, body, headers);
  }

  /** @returns undefined where a kept connection was cut: every HTTP server may do that just as it is used again. */
  private async postOnce(
    path: string,
    body: string | Buffer,
    headers: Readonly<Record<string, string | number>>,
  ): Promise<Answer | undefined> {
    return new Promise<Answer | undefined>((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.port,
          path,
          method: 'POST',
          agent: this.agent,
          timeout: ANSWER_WITHIN_MS,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            ...headers,
          },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (piece: string) => (text += piece));
          answer.on('end', () => {
            resolve({ status: answer.statusCode ?? 0, text });
          });
          answer.on('error', reject);
        },
      );
      sent.on('timeout', () => {
        reject(new Error(`no answer to ${path} within ${ANSWER_WITHIN_MS} ms`));
        sent.destroy();
      });
      // What comes after the answer, while the rest is still being sent, has nobody else to tell.
      sent.on('socket', (socket) => {
        if (this.heard.has(socket)) return;
        this.heard.add(socket);
        socket.on('error', () => undefined);
      });
      sent.on('error', (error) => {
        resolve(sent.reusedSocket ? undefined : { status: 0, text: error.message });
      });
      sent.end(body);
    });
  }

  /** Sends bytes as they are, and gives all that comes back until the connection ends. */
  async raw(bytes: string | Buffer): Promise<string> {
    const socket = await this.open();
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    const ended = new Promise<void>((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    });
    socket.end(bytes);
    await ended;
    return text;
  }

  /** A connection on which nothing has been said. */
  async open(): Promise<TLSSocket> {
    const socket = connect({ host: '127.0.0.1', port: this.port, rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      socket.once('secureConnect', resolve).once('close', () => {
        resolve();
      });
    });
    return socket;
  }

  close(): void {
    this.agent.destroy();
  }
}
