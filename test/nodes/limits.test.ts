import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { pause } from '../support/outlet.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

const RATE = { messages: 2, periods: '0.5' };

describe('limits of the nodes', () => {
  let flow: TestFlow | undefined;
  afterEach(() => flow?.stop());

  const start = async (
    consumer: Record<string, unknown>,
    producer: Record<string, unknown> = {},
  ): Promise<TestFlow> => {
    flow = await TestFlow.start([
      storeNode('s', await freePort()),
      producerNode('p', { notifyInterval: 0.2, ...producer }),
      consumerNode('c', consumer),
    ]);
    await flow.showsStatus('c', 'N:0');
    return flow;
  };
  const send = (to: TestFlow, messages: number): void => {
    for (let sent = 0; sent < messages; sent += 1) to.send('p', { payload: sent });
  };

  it('an in-transit limit of ten gives ten at once; the rest waits at its producer', async () => {
    const running = await start({ intransit: '10' });
    send(running, 15);
    await running.out('c', 'receive').count(10);
    await running.showsStatus('p', 'M:5 N:10 R:0');
    await pause(300);
    assert.equal(running.out('c', 'receive').messages.length, 10);
  });

  it('an in-transit limit of none given is one', async () => {
    const running = await start({ intransit: '' });
    send(running, 3);
    await running.showsStatus('p', 'M:2 N:1 R:0');
  });

  it('an in-transit limit of 0 takes nothing', async () => {
    const running = await start({ intransit: 0 });
    send(running, 2);
    await pause(500);
    assert.deepEqual(running.out('c', 'notify').messages, []);
    assert.equal(running.statusText('p'), 'M:2 N:0 R:0');
  });

  it('a rate limit of the consumer lets so many be read per period, and loses none', async () => {
    const running = await start({
      intransit: 20,
      rateTypeReceiveSend: 'rateLimit',
      rateReceiveSend: String(RATE.messages),
      nbRateUnitsReceiveSend: RATE.periods,
      rateUnitsReceiveSend: 'second',
    });
    running.replying('c');
    send(running, 6);
    await running.out('c', 'receive').count(RATE.messages);
    await pause(200);
    assert.equal(running.out('c', 'receive').messages.length, RATE.messages);
    const begun = performance.now();
    await running.out('p', 'receive').count(6);
    // The first two were read before; the other four take two periods, less what has passed already.
    assert.ok(performance.now() - begun >= 500, `${performance.now() - begun} ms`);
  });

  it('a rate limit of the producer gives so many replies per period, and loses none', async () => {
    const running = await start(
      { intransit: 20 },
      {
        rateTypeSendReceive: 'rateLimit',
        rateSendReceive: RATE.messages,
        nbRateUnitsSendReceive: RATE.periods,
        rateUnitsSendReceive: 'second',
      },
    );
    running.replying('c');
    send(running, 6);
    await running.out('c', 'receive').count(6);
    await running.out('p', 'receive').count(RATE.messages);
    await pause(200);
    assert.equal(running.out('p', 'receive').messages.length, RATE.messages);
    await running.out('p', 'receive').count(6);
    assert.deepEqual(running.out('p', 'failure').messages, []);
  });

  it('a rate that is set up but not chosen limits nothing', async () => {
    const running = await start({
      intransit: 20,
      rateTypeReceiveSend: 'none',
      rateReceiveSend: '1',
      rateUnitsReceiveSend: 'day',
    });
    send(running, 6);
    await running.out('c', 'receive').count(6);
  });

  it('a full store refuses a message at the failure output, says so in its status, and takes messages again', async () => {
    flow = await TestFlow.start([
      storeNode('s', await freePort(), { maxMessages: 2 }),
      producerNode('p'),
      consumerNode('c', { intransit: 0 }),
    ]);
    await flow.showsStatus('c', 'N:0');
    send(flow, 3);
    const failure = await flow.out('p', 'failure').next();
    assert.deepEqual(
      [failure['action'], failure['code'], failure['error']],
      ['producerSend', 'STORE_FULL', 'Store mesh0:s is full: 2 messages wait in it'],
    );
    await flow.showsStatus('s', 'full');
    assert.deepEqual(flow.status('s'), { fill: 'red', shape: 'dot', text: 'full' });
    flow.send('s', { topic: 'flushStore' });
    await flow.showsStatus('s', /^Local\(1\)/);
    send(flow, 1);
    await flow.showsStatus('p', 'M:1 N:0 R:0');
  });
});
