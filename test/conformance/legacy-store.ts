import { once } from 'node:events';
import { createServer, request as send, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from './json.js';
import { parseJson } from './json.js';
import type { Answer, Request } from './recording.js';

/** Where everything here listens and connects to. */
export const LOOPBACK = '127.0.0.1';

/** As long as the recorder waited for an answer before it gave up. */
const ANSWER_TIMEOUT_MS = 8_000;

/** Answers one request that came to a stand-in. */
export type Serve = (request: Request) => Promise<Answer>;

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * The network side of a 3.0.5 store, and nothing else: an HTTPS listener that hands each POST to the player,
 * and a client that opens a new connection for every POST and verifies nothing (WIRE.md 1).
 */
export class LegacyStore {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param port 0: any that is free */
  static async listen(certificate: Certificate, serve: Serve, port = 0): Promise<LegacyStore> {
    const server = createServer(certificate, (incoming, outgoing) => {
      answer(incoming, outgoing, serve).catch((error: unknown) => {
        outgoing.destroy(error instanceof Error ? error : undefined);
      });
    });
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
    return new LegacyStore(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/**
 * One POST as 3.0.5 sends it.
 * @returns the answer, or undefined where none came in time.
 * @throws where the connection cannot be made or breaks.
 */
export async function post(port: number, request: Request): Promise<Answer | undefined> {
  const text = JSON.stringify(request.body);
  const outgoing = send({
    host: LOOPBACK,
    port,
    path: request.path,
    method: 'POST',
    agent: false,
    rejectUnauthorized: false,
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      connection: 'close',
    },
  });
  let late = false;
  outgoing.setTimeout(ANSWER_TIMEOUT_MS, () => {
    late = true;
    outgoing.destroy();
  });
  return new Promise((resolve, reject) => {
    outgoing.on('error', (error) => {
      if (late) {
        resolve(undefined);
      } else {
        reject(error);
      }
    });
    outgoing.on('response', (incoming: IncomingMessage) => {
      received(incoming).then(resolve, reject);
    });
    outgoing.end(text);
  });
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, serve: Serve): Promise<void> {
  const given = await serve({ path: incoming.url ?? '', body: jsonOrText(await textOfBody(incoming)) });
  const text = typeof given.body === 'string' ? given.body : JSON.stringify(given.body);
  outgoing.writeHead(given.status, { ...given.headers, connection: 'close' });
  outgoing.end(text);
}

async function received(incoming: IncomingMessage): Promise<Answer> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  return {
    status: incoming.statusCode ?? 0,
    headers,
    body: jsonOrText(await textOfBody(incoming)),
  };
}

async function textOfBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOrText(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      return text;
    }
    throw error;
  }
}
