import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { RedlinkError } from '../../src/support/errors.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { HttpsTransport, type HttpsOptions } from '../../src/transport/https/transport.js';
import { ByteSource, readAll, signal } from './bodies.js';
import { testIdentity } from './https-arena.js';

const PATIENT = { answerWithinMs: 10_000, idleMs: 10_000 };
const REQUEST = { path: '/notify', headers: {}, body: '{}' };

describe('the asking side of HTTPS', () => {
  let peer: Server;
  let sockets: Set<Socket>;
  let connections: number;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let clients: HttpsTransport[];

  beforeEach(async () => {
    clients = [];
    sockets = new Set();
    connections = 0;
    peer = createServer({ ...(await testIdentity()) }, (request, response) => {
      answer(request, response);
    });
    peer.on('secureConnection', (socket) => {
      connections += 1;
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => peer.listen(0, resolve));
  });

  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    peer.closeAllConnections();
    await new Promise((resolve) => peer.close(resolve));
  });

  async function client(limits: HttpsOptions['limits'] = {}): Promise<HttpsTransport> {
    const made = new HttpsTransport({ tls: await testIdentity(), env: {}, log: SILENT_LOG, limits });
    clients.push(made);
    return made;
  }

  function at(host: string) {
    const bound = peer.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    return { host, port: String(bound.port) };
  }

  async function ask(asking: HttpsTransport, host = '127.0.0.1') {
    const given = await asking.post(at(host), REQUEST, PATIENT);
    const text = await readAll(given.body);
    // The connection goes back to the agent a turn after the body's end.
    await new Promise((resolve) => setImmediate(resolve));
    return { ...given, text };
  }

  it('sends what a 3.0.5 store expects and nothing of its own', async () => {
    let headers: IncomingHttpHeaders = {};
    answer = (request, response) => {
      headers = request.headers;
      response.end('yes');
    };
    const asking = await client();
    const request = { ...REQUEST, headers: { 'content-type': 'application/json' } };
    assert.equal(await readAll((await asking.post(at('127.0.0.1'), request, PATIENT)).body), 'yes');
    const { host, connection, ...others } = headers;
    assert.match(host ?? '', /^127\.0\.0\.1:\d+$/);
    assert.equal(connection, 'keep-alive');
    assert.deepEqual(others, { 'content-type': 'application/json', 'content-length': '2' });
  });

  it('keeps its connection for the next request', async () => {
    answer = (_request, response) => response.end('yes');
    const asking = await client();
    for (const nth of ['first', 'second', 'third']) assert.equal((await ask(asking)).text, 'yes', nth);
    assert.equal(connections, 1);
  });

  it('keeps its connection where a reader leaves an answer that has come whole', async () => {
    answer = (_request, response) => response.end('yes');
    const asking = await client();
    for (const nth of ['first', 'second', 'third']) {
      const given = await asking.post(at('127.0.0.1'), REQUEST, PATIENT);
      const reader = given.body[Symbol.asyncIterator]();
      await reader.next();
      await reader.return?.();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(connections, 1, nth);
    }
  });

  it('opens no more connections to a peer than it may', async () => {
    answer = (_request, response) => setTimeout(() => response.end('yes'), 20);
    const asking = await client({ maxSocketsPerPeer: 3 });
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(asking)));
    assert.ok(answers.every(({ text }) => text === 'yes'));
    assert.equal(connections, 3);
  });

  it('forgets the connections of peers that it has not asked for longest', async () => {
    answer = (_request, response) => response.end('yes');
    const asking = await client({ maxPeers: 1 });
    assert.equal((await ask(asking, '127.0.0.1')).text, 'yes');
    const [first] = sockets;
    const gone = new Promise((resolve) => first?.once('close', resolve));
    assert.equal((await ask(asking, 'localhost')).text, 'yes');
    await gone;
    assert.equal(sockets.size, 1);
  });

  it('gives statuses and redirects as they are', async () => {
    const asking = await client();
    for (const status of [200, 302, 404, 500]) {
      answer = (_request, response) =>
        response.writeHead(status, { location: 'https://elsewhere.example/' }).end('x');
      const given = await ask(asking);
      assert.deepEqual([given.status, given.text], [status, 'x']);
    }
  });

  it('gives a body as it came, compressed or not', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip');
    assert.equal((await ask(await client())).text, 'not gzip');
  });

  it('tells a connection that breaks before the answer from one that breaks in it', async () => {
    const asking = await client();
    answer = (request) => request.socket.destroy();
    await assert.rejects(ask(asking), hasCode('PEER_UNREACHABLE'));
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('a part', () => request.socket.destroy());
    };
    const given = await asking.post(at('127.0.0.1'), REQUEST, PATIENT);
    await assert.rejects(readAll(given.body), hasCode('PEER_UNREACHABLE'));
  });

  it('says in words what happened on the network, with the name that the system has for it', async () => {
    const { host, port } = at('127.0.0.1');
    const asking = await client();
    await new Promise((resolve) => peer.close(resolve));
    await assert.rejects(asking.post({ host, port }, REQUEST, PATIENT), {
      code: 'PEER_UNREACHABLE',
      message: `127.0.0.1:${port}: nothing listens there (ECONNREFUSED)`,
    });
    const nowhere = { host: 'no-such-machine.invalid', port };
    await assert.rejects(asking.post(nowhere, REQUEST, PATIENT), {
      message:
        /: (there is no machine of that name|the name server does not answer) \((ENOTFOUND|EAI_AGAIN)\)$/,
    });
  });

  it('leaves no connection behind when it closes', async () => {
    const hanging = signal<undefined>();
    answer = (request, response) => {
      if (request.url === '/hang') hanging.give(undefined);
      else response.end('yes');
    };
    const asking = await client();
    await Promise.all([ask(asking), ask(asking)]);
    const asked = asking.post(at('127.0.0.1'), { ...REQUEST, path: '/hang' }, PATIENT);
    const failing = assert.rejects(asked, hasCode('CLOSED'));
    await hanging.value;
    const closed = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    assert.equal(closed.length, 2);
    await asking.close();
    await failing;
    await Promise.all(closed);
  });

  it('takes nothing but a host and a port for an address', async () => {
    const asking = await client();
    const hosts = [
      '',
      'a/b',
      'user@host',
      'host?x',
      'host#x',
      'a b',
      'host:1',
      String.raw`a\b`,
      '[::1',
      '%00',
    ];
    const ports = ['', '0', '65536', '-1', '1/x', '80@evil', ' 80', '1e3'];
    const addresses = [
      ...hosts.map((host) => ({ host, port: '2000' })),
      ...ports.map((port) => ({ host: '127.0.0.1', port })),
    ];
    for (const address of addresses) {
      const source = new ByteSource(10);
      const asked = asking.post(address, { ...REQUEST, body: source }, PATIENT);
      await assert.rejects(asked, / is not a host and a port$/, JSON.stringify(address));
      await source.whenClosed;
    }
  });

  it('fails a request whose headers cannot be sent, and closes its body', async () => {
    const asking = await client();
    const body = new ByteSource(50_000_000);
    const request = { path: '/notify', headers: { 'x-name': '服务' }, body };
    await assert.rejects(asking.post(at('127.0.0.1'), request, PATIENT), RedlinkError);
    await body.whenClosed;
  });
});

function hasCode(code: string): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof RedlinkError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    return true;
  };
}
