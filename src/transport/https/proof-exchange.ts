import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Channel, Membership, ProvenPeer } from '../../security/membership.js';
import { refusalCode, refused, type RefusalCode } from '../../security/refusal.js';
import { RedlinkError } from '../../support/errors.js';
import { channelOfClient } from './channel.js';
import { networkReason } from './network-reasons.js';
import { speaksNoTls } from './speaks-no-tls.js';

/** Where a hello goes. It has no body, and neither has the answer. */
export const PROOF_PATH = '/redlink/hello';
export const WELCOME_HEADER = 'authentication-info';
/** Says by its code why a request is refused. */
export const REFUSAL_HEADER = 'redlink-refusal';

const NONCE_BYTES = 18;
const END_OF_HEAD = '\r\n\r\n';
/** Bytes that an answer to a hello may have. */
const MAX_ANSWER_BYTES = 16_384;

/** What answered a hello. */
interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Proves on a new connection that both ends belong to the mesh, before anything else is said on it. It is
 * spoken on the bare socket, because no HTTP client may have the connection before.
 * @throws RedlinkError with a code of `refusal.ts`; `PEER_UNREACHABLE` where the connection breaks
 */
export async function proveConnection(
  socket: TLSSocket,
  host: string,
  membership: Membership,
): Promise<ProvenPeer> {
  await secured(socket);
  const channel = channelOfClient(socket);
  try {
    return await sayHello(socket, host, membership, channel, false);
  } catch (thrown) {
    const unknown = thrown instanceof RedlinkError && thrown.code === 'MESH_KEY_UNKNOWN';
    if (!unknown || !membership.hasFormer) throw thrown;
    return sayHello(socket, host, membership, channel, true);
  }
}

async function sayHello(
  socket: TLSSocket,
  host: string,
  membership: Membership,
  channel: Channel,
  former: boolean,
): Promise<ProvenPeer> {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url');
  const hello = membership.hello(channel, nonce, Date.now(), former);
  const head = [
    `POST ${PROOF_PATH} HTTP/1.1`,
    `host: ${host}`,
    `authorization: ${hello}`,
    'content-length: 0',
  ];
  const answer = await ask(socket, head.join('\r\n') + END_OF_HEAD);
  const refusal = refusalIn(answer);
  if (refusal !== undefined) throw refused(refusal);
  return membership.accept(answer.headers.get(WELCOME_HEADER), hello, channel);
}

/** An answer that is neither a welcome nor a refusal comes from a store that knows of no proofs. */
function refusalIn(answer: Answer): RefusalCode | undefined {
  const code = refusalCode(answer.headers.get(REFUSAL_HEADER));
  if (code !== undefined) return code;
  return answer.headers.has(WELCOME_HEADER) ? undefined : 'PEER_IS_LEGACY';
}

async function secured(socket: TLSSocket): Promise<void> {
  await untilEvent(socket, (done) => {
    socket.once('secureConnect', done);
    return () => socket.off('secureConnect', done);
  });
}

/** Writes, and reads one answer's head. */
async function ask(socket: TLSSocket, text: string): Promise<Answer> {
  let received = '';
  await untilEvent(socket, (done, fail) => {
    const take = (chunk: Buffer): void => {
      received += chunk.toString('latin1');
      if (received.includes(END_OF_HEAD)) done();
      else if (received.length > MAX_ANSWER_BYTES) fail(refused('NOT_A_STORE'));
    };
    socket.on('data', take);
    socket.write(text);
    return () => socket.off('data', take);
  });
  return parseHead(received);
}

/** Waits for what `begin` waits for, or for the end of the connection. */
async function untilEvent(
  socket: TLSSocket,
  begin: (done: () => void, fail: (error: Error) => void) => () => unknown,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      finish();
      socket.off('error', broken).off('close', closed);
    };
    const done = (): void => {
      stop();
      resolve();
    };
    const broken = (error: Error): void => {
      stop();
      reject(error);
    };
    const closed = (): void => {
      broken(new Error('the connection closed'));
    };
    socket.on('error', broken).on('close', closed);
    const finish = begin(done, broken);
    if (socket.destroyed) closed();
  }).catch((thrown: unknown) => {
    if (thrown instanceof RedlinkError) throw thrown;
    if (speaksNoTls(thrown)) throw refused('NOT_A_STORE');
    throw new RedlinkError('PEER_UNREACHABLE', networkReason(thrown), thrown);
  });
}

function parseHead(text: string): Answer {
  const [first = '', ...lines] = text.slice(0, text.indexOf(END_OF_HEAD)).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? NaN);
  if (Number.isNaN(status)) throw refused('NOT_A_STORE');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status, headers };
}
