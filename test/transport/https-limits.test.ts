import assert from 'node:assert/strict';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Address } from '../../src/protocol/address.js';
import type { WireResponse } from '../../src/protocol/wire.js';
import { FartherOnError, RedlinkError } from '../../src/support/errors.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { DEFAULT_LIMITS, type HttpsLimits } from '../../src/transport/https/limits.js';
import type { HttpsListener } from '../../src/transport/https/server.js';
import { HttpsTransport } from '../../src/transport/https/transport.js';
import type { Serve } from '../../src/transport/port.js';
import { ByteSource, readAll, signal } from './bodies.js';
import { freeAddress, testIdentity } from './https-arena.js';

/** Limits that a test can wait for. */
const SHORT: Partial<HttpsLimits> = {
  handshakeTimeoutMs: 200,
  headersTimeoutMs: 200,
  idleMs: 200,
  answerTimeoutMs: 200,
  lingerMs: 200,
  keepAliveMs: 200,
  checkIntervalMs: 50,
};
const PATIENT = { answerWithinMs: 10_000, idleMs: 10_000 };

describe('the limits of the HTTPS listener', () => {
  let transport: HttpsTransport;
  let address: Address;
  let listener: HttpsListener;
  let sockets: Socket[];

  beforeEach(() => {
    sockets = [];
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await listener.close();
    await transport.close();
  });

  async function listen(limits: Partial<HttpsLimits>, serve: Serve = async () => ok('hello')): Promise<void> {
    transport = new HttpsTransport({ tls: await testIdentity(), env: {}, log: SILENT_LOG, limits });
    address = await freeAddress();
    listener = await transport.listen({ address }, serve);
  }

  function tcp(): Socket {
    const socket = connectTcp(Number(address.port), address.host);
    sockets.push(socket);
    return socket;
  }

  async function tls(): Promise<TLSSocket> {
    const socket = connectTls({
      port: Number(address.port),
      host: address.host,
      rejectUnauthorized: false,
    });
    sockets.push(socket);
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    return socket;
  }

  /** A connection that has brought a request. */
  async function speaking(): Promise<TLSSocket> {
    const socket = await tls();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    return socket;
  }

  /** Sends raw bytes and gives all that comes back until the connection ends. */
  async function converse(text: string): Promise<string> {
    const socket = await tls();
    socket.write(text);
    return received(socket);
  }

  it('ends a connection that never shakes hands', async () => {
    await listen(SHORT);
    assert.equal(await received(tcp()), '');
  });

  it('ends a connection that never sends a request', async () => {
    await listen(SHORT);
    const answer = await received(await tls());
    assert.match(answer, /^(HTTP\/1\.1 408 |$)/);
  });

  it('ends a connection whose request never gets past its headers', async () => {
    await listen(SHORT);
    const answer = await converse('POST /notify HTTP/1.1\r\nhost: x\r\nx-slow: ');
    assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.equal(bodyOf(answer).code, 'BAD_REQUEST');
  });

  it('tells the handler of a body that stands still, and still sends its answer', async () => {
    const seen = signal<unknown>();
    await listen(SHORT, async (request) => {
      await readAll(request.body).then(seen.give, seen.give);
      return ok('too slow');
    });
    const answer = await converse('POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc');
    assert.match(answer, /^HTTP\/1\.1 200 [^]*too slow$/);
    const thrown = await seen.value;
    assert.ok(thrown instanceof RedlinkError);
    assert.equal(thrown.code, 'BAD_REQUEST');
  });

  it('cuts a sender that only drips', async () => {
    await listen(SHORT, async (request) => ok(await readAll(request.body)));
    const socket = await tls();
    socket.write('POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n');
    const drip = setInterval(() => socket.write('x'), 20);
    const answer = await received(socket);
    clearInterval(drip);
    assert.match(answer, /^HTTP\/1\.1 500 /);
    assert.equal(bodyOf(answer).code, 'BAD_REQUEST');
  });

  it('answers for a handler that never does', async () => {
    await listen(SHORT, () => new Promise<WireResponse>(() => undefined));
    const answer = await transport.post(address, { path: '/notify', headers: {}, body: '{}' }, PATIENT);
    assert.equal(answer.status, 500);
    assert.equal(bodyOf(`\r\n\r\n${await readAll(answer.body)}`).code, 'TIMED_OUT');
  });

  it('answers with an error where the headers of the answer cannot be sent', async () => {
    const sent = signal<boolean>();
    const source = new ByteSource(10);
    const headers = { 'x-name': '服务' };
    await listen({}, async () => ({ status: 200, headers, body: source, onSent: sent.give }));
    const answer = await transport.post(address, { path: '/notify', headers: {}, body: '' }, PATIENT);
    assert.equal(answer.status, 500);
    assert.equal(bodyOf(`\r\n\r\n${await readAll(answer.body)}`).code, 'INTERNAL');
    assert.equal(await sent.value, false);
    await source.whenClosed;
  });

  it('cuts an answer that is shorter or longer than its headers say', async () => {
    for (const length of [10, 1_000_000]) {
      const sent = signal<boolean>();
      const headers = { 'content-length': '1000' };
      await listen({}, async () => ({
        status: 200,
        headers,
        body: new ByteSource(length),
        onSent: sent.give,
      }));
      // The headers may be lost with the body, or come before the cut.
      const asked = transport.post(address, { path: '/notify', headers: {}, body: '' }, PATIENT);
      await assert.rejects(
        asked.then(({ body }) => readAll(body)),
        RedlinkError,
      );
      assert.equal(await sent.value, false);
      await listener.close();
      await transport.close();
    }
    await listen({});
  });

  it('survives what follows an answer', async () => {
    await listen({}, async () => ({
      ...ok('yes'),
      onSent: () => {
        throw new Error('no good');
      },
    }));
    for (const nth of ['first', 'second']) {
      const answer = await transport.post(address, { path: '/notify', headers: {}, body: '' }, PATIENT);
      assert.equal(await readAll(answer.body), 'yes', nth);
    }
  });

  it('cuts a reader that takes nothing, and tells the handler', async () => {
    const sent = signal<boolean>();
    const source = new ByteSource(100_000_000);
    await listen(SHORT, async () => ({ ...ok(source), onSent: sent.give }));
    const socket = await tls();
    socket.pause();
    socket.write('POST /read-message HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
    assert.equal(await sent.value, false);
    assert.equal(source.closed, true);
  });

  it('ends a kept connection that nothing comes over', async () => {
    await listen(SHORT);
    const answer = await converse('POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 200 [^]*hello$/);
  });

  it('refuses headers over 16 KB with an answer', async () => {
    await listen({});
    const answer = await converse(
      `POST /notify HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 431 /);
    assert.equal(bodyOf(answer).code, 'BAD_REQUEST');
  });

  it('answers what is no HTTP, without a stack', async () => {
    await listen({});
    for (const nonsense of [
      'hello\r\n\r\n',
      'POST / HTTP/9\r\n\r\n',
      'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n',
    ]) {
      const answer = await converse(nonsense);
      assert.match(answer, /^HTTP\/1\.1 400 /, nonsense);
      assert.deepEqual(bodyOf(answer), { error: 'the request cannot be read', code: 'BAD_REQUEST' });
    }
  });

  it('answers other methods with 405', async () => {
    await listen({});
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await converse(`${method} /notify HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 405 /);
      assert.equal(bodyOf(answer).code, 'BAD_REQUEST');
    }
  });

  it('says nothing of what runs behind it', async () => {
    await listen({});
    const answer = await converse(
      'POST /notify HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n',
    );
    assert.doesNotMatch(answer, /x-powered-by|etag|express/i);
  });

  it('hands over whatever path is asked for, without its query', async () => {
    const paths: string[] = [];
    await listen({}, async (request) => {
      paths.push(request.path);
      return ok('');
    });
    for (const path of ['/notify?x=1', '/../..', '//', '/%zz', '*']) {
      await converse(`POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    }
    assert.deepEqual(paths, ['/notify', '/../..', '//', '/%zz', '*']);
  });

  it('holds no more connections from one address, nor in all, than it may', async () => {
    for (const cap of [{ maxConnectionsPerRemote: 3 }, { maxConnections: 3 }]) {
      await listen(cap);
      const held = await Promise.all([speaking(), speaking(), speaking()]);
      assert.equal(await received(tcp()), '', 'the fourth was not refused');
      held[0].destroy();
      await new Promise((resolve) => held[0].once('close', resolve));
      await until(
        async () => (await converse('GET / HTTP/1.1\r\nconnection: close\r\nhost: x\r\n\r\n')) !== '',
      );
      await listener.close();
      await transport.close();
    }
    await listen({});
  });

  it('ends the oldest connection that says nothing, rather than refuse a new one', async () => {
    for (const cap of [{ maxConnectionsPerRemote: 3 }, { maxConnections: 3 }]) {
      await listen(cap);
      const silent = await Promise.all([tls(), tls()]);
      const heard = await speaking();
      const ended = new Promise((resolve) => silent[0].once('close', resolve));
      assert.match(await converse('GET / HTTP/1.1\r\nconnection: close\r\nhost: x\r\n\r\n'), /^HTTP/);
      await ended;
      assert.equal(heard.destroyed, false);
      await listener.close();
      await transport.close();
    }
    await listen({});
  });

  it('answers only so many requests of one address at a time', async () => {
    const release = signal<undefined>();
    const both = signal<undefined>();
    let served = 0;
    const serve: Serve = async () => {
      served += 1;
      if (served === 2) both.give(undefined);
      await release.value;
      return ok('hello');
    };
    await listen({ maxRequestsPerRemote: 2 }, serve);
    const request = 'POST /notify HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
    const first = [converse(request), converse(request)];
    await both.value;
    assert.match(await converse(request), /^HTTP\/1\.1 429 [^]*TOO_MANY_REQUESTS/);
    release.give(undefined);
    for (const answer of await Promise.all(first)) assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(await converse(request), /^HTTP\/1\.1 200 /);
  });

  it('stops listening to what is sent after the answer', async () => {
    await listen(SHORT);
    const socket = await tls();
    socket.write('POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nabc');
    const answer = await received(socket);
    assert.match(answer, /^HTTP\/1\.1 200 [^]*hello$/);
  });

  it('breaks a body that is read on after the answer, when it cuts the sender', async () => {
    const seen = signal<unknown>();
    await listen({ ...SHORT, idleMs: 20_000 }, async (request) => {
      void readAll(request.body).then(seen.give, seen.give);
      return ok('enough');
    });
    const socket = await tls();
    socket.write('POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nabc');
    await received(socket);
    const thrown = await seen.value;
    // Of the store that it might have been passed on to, this says nothing.
    assert.ok(thrown instanceof FartherOnError);
    assert.equal(thrown.code, 'PEER_UNREACHABLE');
  });

  it('answers so many requests that come at once over one connection, and ends it then', async () => {
    let served = 0;
    await listen({ maxRequestsPerConnection: 3 }, async () => {
      served += 1;
      return ok('hello');
    });
    const request = 'POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n';
    const answer = await converse(request.repeat(100));
    assert.equal([...answer.matchAll(/HTTP\/1\.1 200 /g)].length, 3);
    assert.equal(served, 3);
    assert.match(await converse(request.replace('host', 'connection: close\r\nhost')), /^HTTP\/1\.1 200 /);
  });

  it('forgets the requests of a connection that ended before they were answered', async () => {
    let asked = signal<undefined>();
    const limits = { maxRequestsPerConnection: 3, maxRequestsPerRemote: 3 };
    await listen(limits, async (request) => {
      asked.give(undefined);
      return request.path === '/now' ? ok('hello') : new Promise<WireResponse>(() => undefined);
    });
    const request = 'POST /never HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n';
    for (let n = 0; n < 3; n += 1) {
      asked = signal<undefined>();
      const socket = await tls();
      socket.write(request.repeat(3));
      await asked.value;
      socket.destroy();
      await new Promise((resolve) => socket.once('close', resolve));
    }
    const now = 'POST /now HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';
    // The end of the last connection may take a moment to arrive.
    for (let tries = 0; tries < 50; tries += 1) {
      if (/^HTTP\/1\.1 200 /.test(await converse(now))) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail('the address is refused for ever');
  });

  it('lets no complaint about a request overtake the answers to those before it', async () => {
    const release = signal<undefined>();
    await listen({}, async () => ({
      status: 200,
      headers: { 'content-length': '10' },
      body: (async function* () {
        yield Buffer.from('first');
        await release.value;
        yield Buffer.from('final');
      })(),
    }));
    const socket = await tls();
    const request = 'POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n';
    const answer = received(socket);
    socket.write(request);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write(`${request}nonsense\r\n\r\n`);
    assert.doesNotMatch(await answer, / 400 /);
    release.give(undefined);
  });

  it('closes within a second, whatever is open', async () => {
    await listen({}, () => new Promise<WireResponse>(() => undefined));
    const idle = await tls();
    const raw = tcp();
    const asking = await tls();
    asking.write('POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab');
    await new Promise((resolve) => setImmediate(resolve));
    const ends = [idle, raw, asking].map((socket) => received(socket));
    await listener.close();
    assert.deepEqual(await Promise.all(ends), ['', '', '']);
    listener = await transport.listen({ address }, async () => ok('back'));
  });

  it('has a limit for everything by default', () => {
    for (const [name, limit] of Object.entries(DEFAULT_LIMITS)) {
      assert.ok(Number.isInteger(limit) && limit > 0, name);
    }
    assert.ok(
      DEFAULT_LIMITS.freeSocketMs < DEFAULT_LIMITS.keepAliveMs,
      'a peer would send into a closing connection',
    );
  });
});

function ok(body: WireResponse['body']): WireResponse {
  return { status: 200, headers: {}, body };
}

/** All that a connection gives until it ends, however it ends. */
async function received(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

function bodyOf(answer: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
  assert.ok(typeof parsed === 'object' && parsed !== null);
  return Object.fromEntries(Object.entries(parsed));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
