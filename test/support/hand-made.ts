/** Requests that no store would make, by hand. */
import { request } from 'node:https';

export interface HandMadeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Longest wait for an answer, ms: nothing may be left without one. */
const ANSWER_WITHIN_MS = 10_000;

/** Posts a body as it is to a store on the loopback address, whatever certificate that shows. */
export function post(port: number, path: string, body: string | Buffer): Promise<HandMadeAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        agent: false,
        rejectUnauthorized: false,
        timeout: ANSWER_WITHIN_MS,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => (text += piece));
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(body);
  });
}

export function postJson(port: number, path: string, body: unknown): Promise<HandMadeAnswer> {
  return post(port, path, JSON.stringify(body));
}
