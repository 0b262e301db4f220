import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '../support/free-port.js';
import { PATIENCE_MS } from '../support/outlet.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('a store with north peers that are away', () => {
  it('names the first by its address, since it never said its name, and says how many more there are', async () => {
    const [port, north, other, third] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const headers = [north, other, third].map((one) => ({ ip: '127.0.0.1', port: String(one) }));
    const flow = await TestFlow.start([storeNode('s', port, { headers })]);
    try {
      await flow.showsStatus('s', `lost north 127.0.0.1:${north} +2`);
    } finally {
      await flow.stop();
    }
  });
});

describe('a store that is set up wrongly', () => {
  let flow: TestFlow | undefined;
  afterEach(() => flow?.stop());

  const startBeside = async (bad: ReturnType<typeof storeNode>): Promise<TestFlow> => {
    flow = await TestFlow.start([
      storeNode('s', await freePort()),
      bad,
      producerNode('p'),
      consumerNode('c', { intransit: 10 }),
    ]);
    flow.replying('c');
    return flow;
  };

  const wrong: readonly [string, Record<string, unknown>, string | RegExp][] = [
    ['a port of 0', { listenPort: '0' }, 'port 0 is not between 1 and 65535'],
    ['a port out of range', { listenPort: '70000' }, 'port 70000 is not between 1 and 65535'],
    ['a port that is no number', { listenPort: 'abc' }, 'port abc is not between 1 and 65535'],
    ['a blank name', { name: ' ' }, 'blank name'],
    ['a blank mesh name', { meshName: '' }, 'blank mesh name'],
    [
      'a north peer with a port out of range',
      { headers: [{ ip: 'h', port: '99999' }] },
      'port 99999 is not between 1 and 65535',
    ],
    ['a certificate without a key', { isUserCertificate: true, userCertificate: 'x' }, /key or certificate/],
    ['an unreadable PEM', { isUserCertificate: true, userKey: 'no', userCertificate: 'PEM' }, /PEM/],
    ['a source range that is none', { allowedSources: ['everywhere'] }, /everywhere/],
  ];
  for (const [what, properties, reason] of wrong) {
    it(`with ${what} goes red with a short reason and logs one error; the rest of the flow runs`, async () => {
      const running = await startBeside(storeNode('bad', await freePort(), properties));
      running.send('p', { payload: 'works' });
      assert.equal((await running.out('p', 'receive').next())['payload'], 'works');
      await running.showsStatus('bad', reason);
      const { fill, shape, text } = running.status('bad') ?? {};
      assert.deepEqual([fill, shape], ['red', 'ring']);
      assert.ok((text ?? '').length < 120, text);
      assert.equal(running.errorsLogged('bad').length, 1);
      assert.deepEqual(running.errorsLogged('s'), []);
      running.send('bad', { topic: 'listServices' });
    });
  }

  it('with the name of another goes red, and the first goes on', async () => {
    const running = await startBeside(storeNode('bad', await freePort(), { name: 's' }));
    await running.showsStatus('bad', 'duplicate name mesh0:s');
    running.send('p', { payload: 'works' });
    assert.equal((await running.out('p', 'receive').next())['payload'], 'works');
    assert.equal(running.errorsLogged('bad').length, 1);
  });

  it('with the port of another goes red, and the first goes on', async () => {
    const port = await freePort();
    flow = await TestFlow.start([
      storeNode('s', port),
      storeNode('bad', port),
      producerNode('p'),
      consumerNode('c'),
    ]);
    flow.replying('c');
    await flow.showsStatus('bad', `port ${port} is used by mesh0:s`);
    flow.send('p', { payload: 'works' });
    assert.equal((await flow.out('p', 'receive').next())['payload'], 'works');
  });

  it('whose port is taken by another process says so, serves its own, and listens once the port is free', async () => {
    const port = await freePort();
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      flow = await TestFlow.start([storeNode('s', port), producerNode('p'), consumerNode('c')]);
      flow.replying('c');
      await flow.showsStatus('s', new RegExp(String(port)));
      assert.deepEqual([flow.status('s')?.fill, flow.status('s')?.shape], ['red', 'ring']);
      flow.send('p', { payload: 'works' });
      assert.equal((await flow.out('p', 'receive').next())['payload'], 'works');
      assert.equal(flow.errorsLogged('s').length, 1);
    } finally {
      squatter.close();
      await once(squatter, 'close');
    }
    await flow.showsStatus('s', /^Local\(1\) Global\(1\)/, PATIENCE_MS);
  });

  it('leaves its producers and consumers red, and a consumer without a name is red by itself', async () => {
    flow = await TestFlow.start([
      storeNode('s', 0),
      producerNode('p'),
      consumerNode('c'),
      consumerNode('blank', { name: '' }),
    ]);
    await flow.showsStatus('p', 'Error: No Store:mesh0:s');
    await flow.showsStatus('c', 'Error: No mesh0:s');
    await flow.showsStatus('blank', 'Error: blank name');
    for (const id of ['p', 'c', 'blank']) assert.equal(flow.status(id)?.fill, 'red', id);
    assert.equal(flow.errorsLogged('blank').length, 1);
  });
});
