import assert from 'node:assert/strict';
import type { Address } from '../../src/protocol/address.js';
import { RedlinkError } from '../../src/support/errors.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { goesStraight, proxyFor, type Environment } from '../../src/transport/https/proxy.js';
import type { HttpsListener } from '../../src/transport/https/server.js';
import { HttpsTransport } from '../../src/transport/https/transport.js';
import { ByteSource, readAll, readLength } from './bodies.js';
import { startProxy, type ConnectProxy } from './connect-proxy.js';
import { testIdentity } from './https-arena.js';

describe('asking through a proxy', () => {
  let proxy: ConnectProxy;
  let server: HttpsTransport;
  let listener: HttpsListener;
  let clients: HttpsTransport[];

  beforeEach(async () => {
    clients = [];
    proxy = await startProxy();
    server = new HttpsTransport({ tls: await testIdentity(), env: {}, log: SILENT_LOG });
    const address = { host: '127.0.0.1', port: '0' };
    listener = await server.listen({ address }, async (request) => ({
      status: 200,
      headers: {},
      body: request.path === '/echo' ? request.body : await readAll(request.body),
    }));
  });

  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await listener.close();
    await proxy.close();
  });

  async function client(env: Environment): Promise<HttpsTransport> {
    const made = new HttpsTransport({ tls: await testIdentity(), env, log: SILENT_LOG });
    clients.push(made);
    return made;
  }

  async function ask(env: Environment, host: string): Promise<string> {
    const request = { path: '/notify', headers: {}, body: `to ${host}` };
    const answer = await (await client(env)).post(at(host), request, PATIENT);
    return readAll(answer.body);
  }

  function at(host: string): Address {
    return { host, port: String(listener.port) };
  }

  const url = (): string => `http://127.0.0.1:${proxy.port}`;

  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']) {
    it(`goes through the one that ${name} names`, async () => {
      assert.equal(await ask({ [name]: url() }, 'store.example'), 'to store.example');
      assert.deepEqual(proxy.asked, [`store.example:${listener.port}`]);
    });
  }

  it('keeps the connection through it for the next request', async () => {
    const asking = await client({ HTTPS_PROXY: url() });
    for (const body of ['one', 'two']) {
      const answer = await asking.post(at('store.example'), { path: '/notify', headers: {}, body }, PATIENT);
      assert.equal(await readAll(answer.body), body);
      // The connection goes back to the agent a turn after the body's end.
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(proxy.asked.length, 1);
  });

  it('streams through it both ways', async () => {
    const asking = await client({ HTTPS_PROXY: url() });
    const request = { path: '/echo', headers: {}, body: new ByteSource(10_000_000) };
    const answer = await asking.post(at('store.example'), request, PATIENT);
    assert.equal(await readLength(answer.body), 10_000_000);
  });

  it('shows the proxy the user and password of its URL', async () => {
    await ask({ HTTPS_PROXY: `http://me:p%40ss@127.0.0.1:${proxy.port}` }, 'store.example');
    assert.deepEqual(proxy.credentials, [`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
  });

  it('goes straight to what NO_PROXY names, in upper and lower case', async () => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      assert.equal(await ask({ HTTPS_PROXY: url(), [name]: '127.0.0.1' }, '127.0.0.1'), 'to 127.0.0.1');
    }
    assert.deepEqual(proxy.asked, []);
  });

  it('goes through it to loopback too, where it runs there itself', async () => {
    assert.equal(await ask({ HTTPS_PROXY: url() }, '127.0.0.1'), 'to 127.0.0.1');
    assert.deepEqual(proxy.asked, [`127.0.0.1:${listener.port}`]);
  });

  it('goes straight to loopback past a proxy elsewhere', async () => {
    assert.equal(await ask({ HTTPS_PROXY: 'http://proxy.example:3128' }, '127.0.0.1'), 'to 127.0.0.1');
  });

  it('reports a proxy that refuses as an unreachable peer', async () => {
    await proxy.close();
    proxy = await startProxy('refusing');
    await assert.rejects(ask({ HTTPS_PROXY: url() }, 'store.example'), hasCode('PEER_UNREACHABLE'));
  });

  it('reports a proxy that is not there as an unreachable peer', async () => {
    await proxy.close();
    await assert.rejects(ask({ HTTPS_PROXY: url() }, 'store.example'), hasCode('PEER_UNREACHABLE'));
  });

  it('gives up on a proxy that never answers, and leaves no connection to it', async () => {
    await proxy.close();
    proxy = await startProxy('silent');
    const asking = await client({ HTTPS_PROXY: url() });
    const request = { path: '/notify', headers: {}, body: '' };
    const limits = { answerWithinMs: 200, idleMs: 200 };
    await assert.rejects(asking.post(at('store.example'), request, limits), hasCode('PEER_TIMEOUT'));
    const gone = [...proxy.open].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    await asking.close();
    await Promise.all(gone);
  });

  it('reports a setting that is no proxy, without showing it', async () => {
    const asked = ask({ HTTPS_PROXY: 'socks5://me:secret@proxy:1' }, 'store.example');
    await assert.rejects(asked, (thrown) => {
      assert.ok(thrown instanceof RedlinkError);
      assert.equal(thrown.code, 'PEER_UNREACHABLE');
      assert.doesNotMatch(thrown.message, /secret/);
      return true;
    });
  });
});

describe('NO_PROXY', () => {
  const cases: [entries: string, straight: string[], through: string[]][] = [
    ['', [], ['abc.mydomain.com', '10.0.0.1']],
    ['*', ['abc.mydomain.com', '10.0.0.1', '::1'], []],
    [
      'abc.mydomain.com',
      ['abc.mydomain.com', 'x.abc.mydomain.com', 'ABC.MyDomain.com'],
      ['xabc.mydomain.com', 'mydomain.com', 'abc.mydomain.com.evil'],
    ],
    ['.mydomain.com', ['abc.mydomain.com', 'a.b.mydomain.com'], ['notmydomain.com']],
    ['*.mydomain.com', ['abc.mydomain.com'], ['notmydomain.com']],
    ['*mydomain.com', ['abc.mydomain.com', 'notmydomain.com', 'mydomain.com'], ['mydomain.org']],
    ['10.0.*', ['10.0.0.1'], ['10.1.0.1']],
    ['0.0.1', [], ['10.0.0.1', '127.0.0.1']],
    ['a.example, b.example c.example', ['a.example', 'b.example', 'c.example'], ['d.example']],
    ['a.example:2000', ['a.example'], []],
    ['a.example:2001', [], ['a.example']],
    ['[::1]:2000,fd00::7', ['::1', 'fd00::7'], ['fd00::8']],
    ['a.b', ['a.b'], ['aXb']],
    ['(.+)+$', [], ['a.example']],
  ];

  for (const [entries, straight, through] of cases) {
    it(`"${entries}" covers ${straight.join(', ') || 'nothing'}${through.length > 0 ? `, not ${through.join(', ')}` : ''}`, () => {
      for (const host of straight) assert.ok(goesStraight(host, '2000', entries), host);
      for (const host of through) assert.ok(!goesStraight(host, '2000', entries), host);
    });
  }

  it('does not count where a variable is blank', () => {
    const peer = new URL('https://store.example:2000');
    assert.equal(proxyFor(peer, { HTTPS_PROXY: ' ' }), undefined);
    assert.equal(proxyFor(peer, { HTTPS_PROXY: 'proxy:3128', NO_PROXY: '' })?.href, 'http://proxy:3128/');
    assert.equal(proxyFor(peer, {}), undefined);
  });

  it('takes port 443 for an address that names none', () => {
    const env = { HTTPS_PROXY: 'proxy:3128', NO_PROXY: 'store.example:443' };
    assert.equal(proxyFor(new URL('https://store.example'), env), undefined);
  });
});

const PATIENT = { answerWithinMs: 10_000, idleMs: 10_000 };

function hasCode(code: string): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof RedlinkError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    return true;
  };
}
