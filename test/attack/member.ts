import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { KeyMembership } from '../../src/security/key-membership.js';
import { KeyRing, parseMeshKey } from '../../src/security/mesh-key.js';
import { PeerNotices } from '../../src/security/peer-notices.js';
import { RequestSigner } from '../../src/security/request-signing.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { HttpsTransport } from '../../src/transport/https/transport.js';
import { proveConnection } from '../../src/transport/https/proof-exchange.js';
import { connect } from 'node:tls';
import { testIdentity } from '../transport/https-arena.js';
import type { Answer } from './stranger.js';

const LIMITS = { answerWithinMs: 60_000, idleMs: 60_000 };
const NAME = 'mesh0:traitor';

/** A store that has the key, and misuses it; without a key one in legacy mode. */
export class Member {
  private constructor(
    private readonly port: number,
    private readonly transport: HttpsTransport,
    private readonly membership: KeyMembership | undefined,
  ) {}

  static async join(port: number, meshKey: string | undefined): Promise<Member> {
    const membership =
      meshKey === undefined ? undefined : new KeyMembership(NAME, new KeyRing(parseMeshKey(meshKey)));
    const notices = new PeerNotices(SILENT_LOG);
    const security = membership && ({ mode: 'mesh', membership, notices } as const);
    const base = { tls: await testIdentity(), env: {}, log: SILENT_LOG };
    const transport = new HttpsTransport(security === undefined ? base : { ...base, security });
    return new Member(port, transport, membership);
  }

  async post(path: string, body: string): Promise<Answer> {
    const to = { host: '127.0.0.1', port: String(this.port) };
    const headers = { 'content-type': 'application/json' };
    const answer = await this.transport.post(to, { path, headers, body }, LIMITS);
    const parts: Uint8Array[] = [];
    for await (const part of answer.body) parts.push(part);
    return { status: answer.status, text: Buffer.concat(parts).toString() };
  }

  /** A proven connection, and a request as it would be signed for it: to be sent twice, late or changed. */
  async byHand(
    path: string,
    body: string,
    audience: string,
  ): Promise<{ socket: TLSSocket; request: string }> {
    const { membership } = this;
    if (membership === undefined) throw new Error('only who has a key signs');
    const socket = connect({
      host: '127.0.0.1',
      port: this.port,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
    });
    socket.on('error', () => undefined);
    await proveConnection(socket, '127.0.0.1', membership);
    const signer = new RequestSigner(NAME, membership.keys);
    const { header } = signer.sign({ method: 'POST', path, audience, body }, undefined, Date.now());
    const head = [`POST ${path} HTTP/1.1`, 'host: x', `authorization: ${header}`];
    const length = `content-length: ${Buffer.byteLength(body)}`;
    return {
      socket,
      request: [...head, length, `x-padding: ${randomBytes(4).toString('hex')}`, '', body].join('\r\n'),
    };
  }

  async close(): Promise<void> {
    await this.transport.close();
  }
}

/** Sends on a connection and gives the status of each answer, as many as there were requests. */
export async function answersTo(socket: TLSSocket, requests: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const request of requests) {
    let text = '';
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
    };
    socket.on('data', take);
    socket.write(request);
    await new Promise<void>((resolve) => {
      socket.once('data', () => setImmediate(resolve));
      socket.once('close', resolve);
    });
    socket.off('data', take);
    found.push(text);
  }
  return found;
}
