import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { freePort } from '../support/free-port.js';
import { pause } from '../support/outlet.js';
import { RemoteStore } from '../support/remote-store.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

/** A redeployed store listens again within this time (DESIGN.md, "Transport"), ms. */
const LISTENS_AGAIN_MS = 2_000;

/** Messages that are under way when a deploy begins. */
const BEFORE_DEPLOY = 50;

describe('deploys', () => {
  let flow: TestFlow | undefined;
  afterEach(() => flow?.stop());

  const works = async (running: TestFlow, payload: string): Promise<void> => {
    running.send('p', { payload });
    assert.equal((await running.out('p', 'receive').next())['payload'], payload);
  };

  const orders: readonly (readonly ('s' | 'p' | 'c')[])[] = [
    ['s', 'p', 'c'],
    ['p', 'c', 's'],
    ['c', 's', 'p'],
    ['p', 's', 'c'],
  ];
  for (const order of orders) {
    it(`in the order ${order.join(', ')}, one after the other, give a flow that works`, async () => {
      const nodes = { s: storeNode('s', await freePort()), p: producerNode('p'), c: consumerNode('c') };
      const [first, ...later] = order;
      const deployed = [nodes[first ?? 's']];
      const running = await TestFlow.start(deployed);
      flow = running;
      for (const id of later) {
        deployed.push(nodes[id]);
        await running.deploy([...deployed], 'nodes');
      }
      running.replying('c');
      await running.showsStatus('c', 'N:0');
      await works(running, 'all there');
    });
  }

  it('of everything leave a flow that works, and a store that others reach', async () => {
    const port = await freePort();
    const nodes = [storeNode('s', port), producerNode('p'), consumerNode('c')];
    const running = await TestFlow.start(nodes);
    flow = running;
    running.replying('c');
    await works(running, 'before');
    const remote = await RemoteStore.open(await freePort(), [port]);
    try {
      const producer = remote.producer();
      producer.send('first');
      assert.equal((await producer.replies.next()).payload, 'first');
      await running.deploy(nodes, 'full');
      await works(running, 'after');
      producer.send('second');
      assert.equal((await producer.replies.next()).payload, 'second');
    } finally {
      await remote.close();
    }
  });

  it('of the store alone bring its listener back in time', async () => {
    const port = await freePort();
    const rest = [producerNode('p'), consumerNode('c')];
    const running = await TestFlow.start([storeNode('s', port), ...rest]);
    flow = running;
    running.replying('c');
    await running.showsStatus('s', /^Local\(1\)/);
    const before = running.statusTexts('s').length;
    await running.deploy([storeNode('s', port, { southInsert: false }), ...rest], 'nodes');
    const begun = performance.now();
    await running.showsStatus('s', /^Local\(1\)/, LISTENS_AGAIN_MS);
    assert.ok(running.statusTexts('s').length > before);
    assert.ok(performance.now() - begun < LISTENS_AGAIN_MS);
    await works(running, 'again');
  });

  it('of the store alone refuse nothing that a flow sends or answers meanwhile', async () => {
    const port = await freePort();
    const rest = [producerNode('p'), consumerNode('c', { intransit: 10_000 })];
    const running = await TestFlow.start([storeNode('s', port), ...rest]);
    flow = running;
    await running.showsStatus('s', /^Local\(1\)/);
    const [received, replies] = [running.out('c', 'receive'), running.out('p', 'receive')];
    let [sent, answered] = [0, 0];
    const step = async (): Promise<boolean> => {
      running.send('p', { payload: sent });
      sent += 1;
      const next = received.messages[answered];
      if (next !== undefined) {
        running.send('c', { redlinkMsgId: next['redlinkMsgId'], payload: next['payload'] });
        answered += 1;
      }
      await turn();
      return false;
    };
    for (let before = 0; before < BEFORE_DEPLOY; before += 1) await step();
    const deploy = running.deploy([storeNode('s', port, { southInsert: false }), ...rest], 'nodes');
    const over = deploy.then(() => true);
    while (!(await Promise.race([over, step()]))) continue;
    while (answered < sent) {
      await received.count(answered + 1);
      const next = received.messages[answered];
      running.send('c', { redlinkMsgId: next?.['redlinkMsgId'], payload: next?.['payload'] });
      answered += 1;
    }
    await replies.count(sent);
    assert.deepEqual(running.out('p', 'failure').messages, []);
    assert.deepEqual(running.out('c', 'failure').messages, []);
  });

  it('that take the store away refuse at their end what came meanwhile', async () => {
    const rest = [producerNode('p'), consumerNode('c')];
    const running = await TestFlow.start([storeNode('s', await freePort()), ...rest]);
    flow = running;
    await running.showsStatus('s', /^Local\(1\)/);
    await running.showsStatus('p', 'M:0 N:0 R:0');
    const deployed = running.deploy(rest, 'nodes');
    await running.showsStatus('p', /^Init|^Error/);
    running.send('p', { payload: 'meanwhile' });
    running.send('c', { redlinkMsgId: 'any', payload: 'answer' });
    await deployed;
    assert.equal((await running.out('p', 'failure').next())['code'], 'NO_STORE');
    assert.equal((await running.out('c', 'failure').next())['code'], 'NO_STORE');
    await running.showsStatus('c', /^Error/);
  });

  it('that rename a store leave the nodes of the old name red, and serve those of the new one', async () => {
    const port = await freePort();
    const rest = [producerNode('p'), consumerNode('c')];
    const running = await TestFlow.start([storeNode('s', port), ...rest]);
    flow = running;
    running.replying('c');
    await running.showsStatus('c', 'N:0');
    await running.deploy([storeNode('s', port, { name: 'new' }), ...rest], 'nodes');
    await running.showsStatus('p', 'Error: No Store:mesh0:s');
    await running.showsStatus('c', 'Error: No mesh0:s');
    const renamed = { producerStoreName: 'mesh0:new', consumerStoreName: 'mesh0:new' };
    await running.deploy(
      [storeNode('s', port, { name: 'new' }), producerNode('p', renamed), consumerNode('c', renamed)],
      'nodes',
    );
    await running.showsStatus('c', 'N:0');
    await works(running, 'under the new name');
  });

  it('that take a consumer away withdraw its service', async () => {
    const port = await freePort();
    const rest = [storeNode('s', port), producerNode('p', { producerConsumer: 'msg.topic' })];
    const running = await TestFlow.start([...rest, consumerNode('c')]);
    flow = running;
    await running.showsStatus('s', /^Local\(1\) Global\(1\)/);
    assert.equal(running.status('s')?.fill, 'green');
    await running.deploy(rest, 'nodes');
    await running.showsStatus('s', /^Local\(0\) Global\(0\) legacy/);
    assert.deepEqual(running.status('s'), {
      fill: 'yellow',
      shape: 'dot',
      text: 'Local(0) Global(0) legacy',
    });
    running.send('p', { topic: 'svc', payload: 1 });
    assert.equal((await running.out('p', 'failure').next())['code'], 'UNKNOWN_SERVICE');
  });

  it('that swap the ports of two stores work', async () => {
    const [one, two] = [await freePort(), await freePort()];
    const running = await TestFlow.start([storeNode('s', one), storeNode('t', two)]);
    flow = running;
    await running.showsStatus('s', /^Local/);
    await running.showsStatus('t', /^Local/);
    await running.deploy([storeNode('s', two), storeNode('t', one)], 'nodes');
    await pause(300);
    await running.showsStatus('s', /^Local/);
    await running.showsStatus('t', /^Local/);
    for (const id of ['s', 't']) assert.deepEqual(running.errorsLogged(id), []);
  });

  it('that end a failed store do not take the name from the one that has it', async () => {
    const rest = [storeNode('s', await freePort()), producerNode('p'), consumerNode('c')];
    const running = await TestFlow.start([...rest, storeNode('bad', await freePort(), { name: 's' })]);
    flow = running;
    running.replying('c');
    await running.showsStatus('bad', 'duplicate name mesh0:s');
    await running.deploy(rest, 'nodes');
    await works(running, 'still there');
  });

  it('show Initialising first, then the counts', async () => {
    flow = await TestFlow.start([storeNode('s', await freePort()), consumerNode('c')]);
    await flow.showsStatus('s', 'Local(1) Global(1) legacy');
    assert.equal(flow.statusTexts('s')[0], 'Initialising');
    await flow.showsStatus('c', 'N:0');
  });
});
