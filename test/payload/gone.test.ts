import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { MemoryPayloads } from '../../src/payload/memory.js';
import { tellingIfGone } from '../../src/payload/gone.js';
import { readText, textSource } from '../../src/payload/sources.js';
import { Producer, type FailedSend } from '../../src/producer/producer.js';
import { RedlinkError } from '../../src/support/errors.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { freePort } from '../support/free-port.js';
import { Outlet } from '../support/outlet.js';
import { RemoteStore } from '../support/remote-store.js';
import { arriving, isPayloadError } from './compliance.js';

const LARGE = 'x'.repeat(50_000);

describe('a payload that is lost', () => {
  it('is told of when it is read, and the reader hears of it too', async () => {
    const payloads = new MemoryPayloads();
    const stored = await payloads.save(textSource(LARGE, undefined));
    let told = 0;
    const source = tellingIfGone(payloads.source(stored), () => {
      told += 1;
    });
    assert.equal(await readText(source), LARGE);
    await payloads.remove(stored.name);
    await assert.rejects(readText(source), isPayloadError);
    assert.equal(told, 1);
  });

  it('is not told of where another try may help, or the reader leaves', async () => {
    const busy = Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
    for (const error of [
      new RedlinkError('PAYLOAD_IO', 'too many files are open', busy),
      new RedlinkError('PEER_UNREACHABLE', 'cut'),
    ]) {
      const failing = arriving(function* (): Generator<Uint8Array> {
        yield Buffer.from('1');
        throw error;
      });
      const source = tellingIfGone(failing, () => {
        assert.fail('told');
      });
      await assert.rejects(readText(source), error);
      for await (const chunk of source.open()) {
        assert.ok(chunk.byteLength > 0);
        break;
      }
    }
  });

  it('is a failure of its message at once, not at the deadline', async () => {
    const remote = await RemoteStore.open(await freePort());
    const failures = new Outlet<FailedSend>('failures');
    const producer = new Producer(
      {
        id: 'p',
        service: 'svc',
        lifetimeMs: 300_000,
        notifyIntervalMs: 1_000,
        priority: 0,
        reversePath: true,
        sendOnly: false,
        manualRead: false,
        rate: undefined,
        redeliver: false,
        maxDeliver: 1,
      },
      new SystemClock(),
      {
        received: () => undefined,
        failed: (failure) => {
          failures.push(failure);
        },
        repliesWaiting: () => undefined,
        changed: () => undefined,
        trouble: () => undefined,
      },
    );
    try {
      producer.attach(remote.store);
      await producer.send({
        messageId: 'm1',
        message: { payload: LARGE },
        preserved: 'kept',
        hasPreserved: true,
        service: 'svc',
        reversePath: true,
        correlationId: '',
      });
      await remote.payloads.sweep(new Set());
      remote.consumer();
      const { code, read, preserved } = await failures.next();
      assert.deepEqual([code, read, preserved], ['PAYLOAD_IO', false, 'kept']);
      // It is over when the flow has heard of it, in the next turn.
      while (producer.counts().queued > 0) await setImmediate();
      assert.deepEqual(producer.counts(), { queued: 0, notified: 0, replies: 0 });
    } finally {
      await remote.close();
    }
  });
});
