import assert from 'node:assert/strict';
import { createServer, connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { RedlinkError } from '../../src/support/errors.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { bindingFor } from '../../src/transport/https/bind.js';
import { HttpsTransport } from '../../src/transport/https/transport.js';
import { freeAddress, testIdentity } from './https-arena.js';

const LOCAL = ['127.0.0.1', '::1', '192.168.1.7', 'fe80::7'];
const serve = async () => ({ status: 200, headers: {}, body: '' });

describe('where a store listens', () => {
  it('is its own address and loopback, for an IP address of this machine', () => {
    assert.deepEqual(bindingFor('192.168.1.7', LOCAL), {
      hosts: ['192.168.1.7', '127.0.0.1', '::1'],
      warning: undefined,
    });
    assert.deepEqual(bindingFor('[fe80::7]', LOCAL).hosts, ['fe80::7', '127.0.0.1', '::1']);
    assert.deepEqual(bindingFor('127.0.0.1', LOCAL).hosts, ['127.0.0.1', '::1']);
    assert.deepEqual(bindingFor('127.0.0.1', ['127.0.0.1']).hosts, ['127.0.0.1']);
  });

  it('is every interface, with a warning, for a name or the address of another machine', () => {
    for (const host of ['localhost', 'store.example', '192.168.1.8', '', '999.1.1.1']) {
      const { hosts, warning } = bindingFor(host, LOCAL);
      assert.deepEqual(hosts, [undefined], host);
      assert.match(warning ?? '', /all interfaces/);
    }
  });

  it('is every interface, without a warning, for an address that says so', () => {
    assert.deepEqual(bindingFor('0.0.0.0', LOCAL), { hosts: ['0.0.0.0'], warning: undefined });
    assert.deepEqual(bindingFor('::', LOCAL), { hosts: ['::'], warning: undefined });
  });

  it('is no public address without a tick: refused where it is named, left out where all are meant', () => {
    const local = [...LOCAL, '203.0.113.9', '2001:db8::9'];
    assert.throws(() => bindingFor('203.0.113.9', local, false), { code: 'BAD_CONFIGURATION' });
    assert.throws(() => bindingFor('[2001:db8::9]', local, false), { code: 'BAD_CONFIGURATION' });
    for (const host of ['store.example', '::']) {
      const { hosts, warning } = bindingFor(host, local, false);
      assert.deepEqual(hosts, ['127.0.0.1', '::1', '192.168.1.7'], host);
      assert.match(warning ?? '', /need a tick \(203\.0\.113\.9, 2001:db8::9\)/);
    }
    assert.deepEqual(bindingFor('0.0.0.0', local, false).hosts, ['127.0.0.1', '192.168.1.7']);
    assert.deepEqual(bindingFor('192.168.1.7', local, false).hosts, ['192.168.1.7', '127.0.0.1', '::1']);
  });

  it('is a public address with a tick', () => {
    const local = [...LOCAL, '203.0.113.9'];
    assert.deepEqual(bindingFor('203.0.113.9', local, true).hosts, ['203.0.113.9', '127.0.0.1', '::1']);
    assert.deepEqual(bindingFor('0.0.0.0', local, true).hosts, ['0.0.0.0']);
  });

  it('warns once for a name', async () => {
    const warnings: string[] = [];
    const log = { ...SILENT_LOG, warn: (text: string) => warnings.push(text) };
    const transport = new HttpsTransport({ tls: await testIdentity(), env: {}, log });
    const listener = await transport.listen({ address: { host: 'store.example', port: '0' } }, serve);
    await listener.close();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^the address store\.example is a host name/);
  });

  it('leaves other interfaces alone', async function () {
    const transport = new HttpsTransport({ tls: await testIdentity(), env: {}, log: SILENT_LOG });
    const listener = await transport.listen({ address: { host: '127.0.0.1', port: '0' } }, serve);
    const reached = await Promise.all(allAddresses().map((host) => accepts(host, listener.port)));
    await listener.close();
    const open = allAddresses().filter((_host, index) => reached[index]);
    assert.deepEqual(
      open.filter((host) => host !== '127.0.0.1' && host !== '::1'),
      [],
    );
    assert.ok(open.includes('127.0.0.1'));
  });

  it('is one free port on all its addresses where port 0 asks for any', async () => {
    const transport = new HttpsTransport({ tls: await testIdentity(), env: {}, log: SILENT_LOG });
    const listener = await transport.listen({ address: { host: '127.0.0.1', port: '0' } }, serve);
    assert.ok(listener.port > 0);
    assert.ok(await accepts('127.0.0.1', listener.port));
    await listener.close();
    assert.equal(await accepts('127.0.0.1', listener.port), false);
  });

  it('is nowhere, with a short reason, where the port is taken or is none', async () => {
    const transport = new HttpsTransport({ tls: await testIdentity(), env: {}, log: SILENT_LOG });
    const { host, port } = await freeAddress();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(Number(port), host, resolve));
    const reasons: Record<string, string> = {
      [port]: `port ${port} is in use`,
      '65536': 'port 65536 is not one of 1 to 65535',
      '-1': 'port -1 is not one of 1 to 65535',
      abc: 'port abc is not one of 1 to 65535',
      '': 'port  is not one of 1 to 65535',
    };
    for (const [tried, reason] of Object.entries(reasons)) {
      await assert.rejects(transport.listen({ address: { host, port: tried } }, serve), (thrown) => {
        assert.ok(thrown instanceof RedlinkError);
        assert.deepEqual([thrown.code, thrown.message], ['LISTEN_FAILED', reason]);
        return true;
      });
    }
    await new Promise((resolve) => other.close(resolve));
  });
});

function allAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  // A link-local address needs its interface to be named in front of it.
  return addresses.filter(({ address }) => !address.startsWith('fe80')).map(({ address }) => address);
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  const reached = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => {
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
  socket.destroy();
  return reached;
}
