import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { startProxy, type ConnectProxy } from '../transport/connect-proxy.js';
import { echo, flowOf, producer, store } from './flow.js';
import { disposeAll, Instance, WITHIN_MS } from './instance.js';

const START_WITHIN_MS = 120_000;

/** Names that nobody but the proxy can resolve, so that what arrives has come through it. */
const SOUTH = 'south.redlink.invalid';
const NORTH = 'north.redlink.invalid';

const HOST = '127.0.0.1';

/** South has two north peers: one behind the proxy, and one that `NO_PROXY` names. */
describe('processes with a proxy between them', function () {
  this.timeout(WITHIN_MS * 2);
  let proxy: ConnectProxy;
  let south: Instance;
  let north: Instance;
  let near: Instance;
  let nearPort: number;

  before(async function () {
    this.timeout(START_WITHIN_MS);
    proxy = await startProxy();
    const southPlace = { host: SOUTH, port: await freePort() };
    const northPlace = { host: NORTH, port: await freePort() };
    nearPort = await freePort();
    const nearPlace = { host: HOST, port: nearPort };
    const env = { HTTPS_PROXY: `http://${HOST}:${proxy.port}`, NO_PROXY: HOST };
    south = new Instance(
      flowOf(
        store('south', southPlace, [northPlace, nearPlace]),
        producer('to-north', 'south', 'in-north'),
        producer('to-near', 'south', 'in-near'),
        echo('echo-south', 'south', 'in-south'),
      ),
      { env },
    );
    north = new Instance(
      flowOf(
        store('north', northPlace),
        producer('to-south', 'north', 'in-south'),
        echo('echo-north', 'north', 'in-north'),
      ),
      { env },
    );
    near = new Instance(flowOf(store('near', nearPlace), echo('echo-near', 'near', 'in-near')), { env });
    await Promise.all([south.start(), north.start(), near.start()]);
    await Promise.all([south.sees('south', 'in-north', 'in-near'), north.sees('north', 'in-south')]);
  });

  after(async () => {
    await disposeAll(south, north, near);
    await proxy.close();
  });

  it('talk through it, in both directions', async () => {
    south.send('to-north', { payload: 'northwards' });
    north.send('to-south', { payload: 'southwards' });
    assert.equal((await south.out('to-north').next(WITHIN_MS))['payload'], 'northwards');
    assert.equal((await north.out('to-south').next(WITHIN_MS))['payload'], 'southwards');
    const hosts = new Set(proxy.asked.map((asked) => asked.replace(/:.*/, '')));
    assert.deepEqual([...hosts].sort(), [NORTH, SOUTH]);
  });

  it('take a large payload through it', async () => {
    const payload = 'proxy'.repeat(1_000_000);
    south.send('to-north', { payload });
    assert.ok((await south.out('to-north').next(WITHIN_MS))['payload'] === payload);
  });

  it('go straight to what NO_PROXY names', async () => {
    south.send('to-near', { payload: 'near' });
    assert.equal((await south.out('to-near').next(WITHIN_MS))['payload'], 'near');
    assert.deepEqual(
      proxy.asked.filter((asked) => asked.endsWith(`:${nearPort}`)),
      [],
    );
  });
});
