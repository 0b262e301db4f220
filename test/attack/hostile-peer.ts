import { createServer, type Server } from 'node:https';
import { freePort } from '../support/free-port.js';
import { testIdentity } from '../transport/https-arena.js';

/** What a peer may answer to break who asked: no JSON, wrong fields, wrong lengths, endless headers, nothing. */
const ANSWERS: readonly string[] = [
  'null',
  '[]',
  '"text"',
  '{"status":200,"consumerId":{"length":100000000},"notifyPath":{"length":100000000}}',
  '{"action":"consumerRegistration","status":200,"redlink":{"version":1e308,"bootId":{},"storeName":"\'; globalThis.owned = 1; //"}}',
  '{"__proto__":{"owned":1}}',
  '['.repeat(100_000),
  'x'.repeat(2_000_000),
  '{"status":',
  '',
];

/** A north peer that answers with anything but sense. */
export class HostilePeer {
  answered = 0;

  private constructor(
    readonly port: number,
    private readonly server: Server,
  ) {}

  static async open(): Promise<HostilePeer> {
    const port = await freePort();
    const server = createServer(await testIdentity());
    const peer = new HostilePeer(port, server);
    server.on('request', (request, response) => {
      const body = ANSWERS[peer.answered % ANSWERS.length] ?? '';
      peer.answered += 1;
      request.resume();
      if (body === '') request.socket.destroy();
      else
        response.writeHead(peer.answered % 3 === 0 ? 500 : 200, { 'x-nothing': 'y'.repeat(1_000) }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return peer;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
