/**
 * A process with one store, for `npm run bench:restart`: `fill COUNT BYTES` puts messages into it that nobody takes, and says when all are
 * accepted; `back` opens it on what the first left, and says how long that took. Ends with the process that started it.
 */
import { Consumer } from '../src/consumer/consumer.js';
import { Producer } from '../src/producer/producer.js';
import type { Store } from '../src/store/store.js';
import { SystemClock } from '../src/support/system-clock.js';
import { composePlainStore } from '../test/support/compose-plain-store.js';

const [order = '', folder = '', port = '', count = '0', bytes = '0'] = process.argv.slice(2);

const SERVICE = 'restart';
/** Longer than any run, ms. */
const LIFETIME_MS = 3_600_000;
const NOTIFY_INTERVAL_MS = 1_000;
const RE_NOTIFY_MS = 1_000;
const US_PER_MS = 1_000;
/** Messages on their way to the disk at a time while the store is filled. */
const AT_ONCE = 500;

const clock = new SystemClock();

function makeStore(): Promise<Store> {
  const properties = { name: 'restart', meshName: 'bench', listenAddress: '127.0.0.1', listenPort: port };
  return composePlainStore(properties, folder);
}

function makeProducer(): Producer {
  return new Producer(
    {
      id: 'producer',
      service: SERVICE,
      lifetimeMs: LIFETIME_MS,
      notifyIntervalMs: NOTIFY_INTERVAL_MS,
      priority: 0,
      reversePath: true,
      sendOnly: true,
      manualRead: false,
      rate: undefined,
      redeliver: false,
      maxDeliver: 1,
    },
    clock,
    {
      received: () => undefined,
      failed: () => undefined,
      repliesWaiting: () => undefined,
      changed: () => undefined,
      trouble: (error) => {
        throw error;
      },
    },
  );
}

async function fill(): Promise<void> {
  const store = await makeStore();
  const producer = makeProducer();
  await store.restore();
  producer.attach(store);
  await store.open();
  const filling = 'x'.repeat(Number(bytes));
  for (let first = 0; first < Number(count); first += AT_ONCE) {
    const sent = Array.from({ length: Math.min(AT_ONCE, Number(count) - first) }, (_item, index) =>
      producer.send({
        messageId: `restart-${first + index}`,
        message: { filling },
        preserved: undefined,
        hasPreserved: false,
        service: SERVICE,
        reversePath: true,
        correlationId: '',
      }),
    );
    for (const one of sent) if (one !== undefined) await one;
  }
  process.send?.({ queued: producer.counts().queued });
}

async function back(): Promise<void> {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const store = await makeStore();
  await store.restore();
  const restoredAt = performance.now();
  const producer = makeProducer();
  producer.attach(store);
  await store.open();
  const openAt = performance.now();
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMs = (user + system) / US_PER_MS;
  const { queued } = producer.counts();
  let deliveredMs: number | undefined;
  const received = (): void => {
    if (deliveredMs !== undefined) return;
    deliveredMs = performance.now() - openAt;
    process.send?.({
      queued,
      restoreMs: restoredAt - startedAt,
      openMs: openAt - restoredAt,
      cpuMs,
      deliveredMs,
      rssBytes: process.memoryUsage.rss(),
    });
  };
  const consumer = new Consumer(
    {
      id: 'consumer',
      service: SERVICE,
      inTransitLimit: 1,
      manualRead: false,
      reNotifyMs: RE_NOTIFY_MS,
      rate: undefined,
    },
    clock,
    { notified: () => undefined, received, failed: () => undefined, changed: () => undefined },
  );
  consumer.attach(store);
}

process.on('disconnect', () => process.exit());
await (order === 'fill' ? fill() : back());
