import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { connect } from 'node:net';
import { once } from 'node:events';
import { freePort } from '../support/free-port.js';
import { pause, until } from '../support/outlet.js';
import { RemoteStore } from '../support/remote-store.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

/** Timers that were set and neither fired nor cleared, with where they were set. */
class Timers {
  private readonly pending = new Map<number, string>();
  private readonly hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout') this.pending.set(id, new Error('timer').stack ?? '');
    },
    destroy: (id) => {
      this.pending.delete(id);
    },
  }).enable();

  /** Those set by the code of this package. */
  ours(): string[] {
    return [...this.pending.values()].filter((stack) => /\/(src|nodes)\/[a-z-]+\//.test(stack));
  }

  stop(): void {
    this.hook.disable();
  }
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => /^(TCP|TLS|Pipe)/.test(name)).length;
}

describe('closing a flow', () => {
  it('in the midst of work leaves no timer and no socket', async () => {
    const timers = new Timers();
    const [port, south, away] = [await freePort(), await freePort(), await freePort()];
    const before = sockets();
    const headers = [{ ip: '127.0.0.1', port: String(away), redistribute: 'false' }];
    const flow = await TestFlow.start([
      storeNode('s', port, { headers }),
      producerNode('p', { rateTypeSendReceive: 'rateLimit', rateUnitsSendReceive: 'hour' }),
      producerNode('by hand', { manualRead: true }),
      producerNode('stuck', { producerConsumer: 'nobody' }),
      consumerNode('c', { intransit: 100 }),
      consumerNode('m', { name: 'manual', manualReadReceiveSend: true }),
      consumerNode('slow', { name: 'slow', intransit: 5, rateTypeReceiveSend: 'rateLimit' }),
      producerNode('to slow', { producerConsumer: 'slow' }),
      producerNode('to manual', { producerConsumer: 'manual' }),
    ]);
    const remote = await RemoteStore.open(south, [port]);
    try {
      flow.replying('c');
      await flow.showsStatus('c', 'N:0');
      for (const id of ['p', 'by hand', 'stuck', 'to slow', 'to manual']) {
        for (let sent = 0; sent < 5; sent += 1) flow.send(id, { payload: sent });
      }
      const producer = remote.producer();
      producer.send('over the wire');
      assert.equal((await producer.replies.next()).payload, 'over the wire');
      await flow.out('p', 'receive').next();
      await flow.out('m', 'notify').next();
      await flow.out('slow', 'receive').next();
      await flow.showsStatus('by hand', 'M:0 N:0 R:5');
      assert.ok(timers.ours().length > 0);
      assert.ok(sockets() > before);
      await flow.stop();
      const printed = [0, 1, 2, 3].map((output) => flow.outNumber('m', output).messages.length);
      await remote.close();
      await until(
        () => sockets() <= before,
        () => `${sockets() - before} sockets are open`,
      );
      await until(
        () => timers.ours().length === 0,
        () => timers.ours().join('\n'),
      );
      await pause(1_200);
      const later = [0, 1, 2, 3].map((output) => flow.outNumber('m', output).messages.length);
      assert.deepEqual(later, printed);
    } finally {
      timers.stop();
    }
    const socket = connect(port, '127.0.0.1');
    await assert.rejects(once(socket, 'connect'), /ECONNREFUSED/);
  });

  it('that was never up leaves nothing either', async () => {
    const timers = new Timers();
    const port = await freePort();
    const before = sockets();
    try {
      const flow = await TestFlow.start([storeNode('s', port), consumerNode('c'), producerNode('p')]);
      await flow.stop();
      await until(
        () => sockets() <= before,
        () => `${sockets() - before} sockets are open`,
      );
      await until(
        () => timers.ours().length === 0,
        () => timers.ours().join('\n'),
      );
    } finally {
      timers.stop();
    }
  });
});
