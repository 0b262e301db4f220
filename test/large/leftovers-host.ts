/**
 * A process with a store that sends large messages to itself and answers them as large, until it is killed
 * or has no more to send; then it closes and ends. Started by `leftovers.ts`: `leftovers-host.ts FOLDER PORT COUNT`.
 */
import { setImmediate } from 'node:timers/promises';
import { composeStore } from '../../nodes/runtime/compose-store.js';
import { readStoreConfig } from '../../nodes/runtime/store-config.js';
import { Consumer } from '../../src/consumer/consumer.js';
import { Producer } from '../../src/producer/producer.js';
import { UNOBSERVED } from '../../src/store/store-observer.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';

/** Messages that wait for their answer at a time. */
const AT_ONCE = 8;
/** Over the threshold of a new store: each message and each answer is a file. */
const LARGE_CHARS = 40_000;
/** One in so many is larger still, and kept in parts. */
const VERY_LARGE_EVERY = 40;
const VERY_LARGE_BYTES = 2_000_000;

const [folder = '', port = '', count = '0'] = process.argv.slice(2);
const clock = new SystemClock();
let sent = 0;

const properties = { name: 'leftovers', meshName: 'mesh0', listenAddress: '127.0.0.1', listenPort: port };
const { store } = await composeStore(
  readStoreConfig({
    properties,
    credentials: {},
    settings: {},
    hostName: 'localhost',
    tlsSource: () => {
      throw new Error('there are no tls-config nodes here');
    },
  }),
  { own: folder, payloads: folder },
  SILENT_LOG,
  UNOBSERVED,
);

const consumer: Consumer = new Consumer(
  { id: 'c', service: 'svc', inTransitLimit: AT_ONCE, manualRead: false, reNotifyMs: 1_000, rate: undefined },
  clock,
  {
    notified: () => undefined,
    received: ({ meta, message }) => {
      const payload =
        typeof message === 'object' && message !== null && 'payload' in message ? message.payload : '';
      void consumer.reply(meta.messageId, payload, undefined);
    },
    failed: ({ text }) => {
      console.log(`failed ${text}`);
    },
    changed: () => undefined,
  },
);

const producer: Producer = new Producer(
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
    redeliver: true,
    maxDeliver: 5,
  },
  clock,
  {
    received: () => {
      console.log('answered');
      void next();
    },
    failed: ({ code }) => {
      console.log(`failed ${code}`);
    },
    repliesWaiting: () => undefined,
    changed: () => undefined,
    trouble: (error) => {
      console.log(`failed ${String(error)}`);
    },
  },
);

/** The store lets go of a message when the flow has heard its answer, which is a turn of the event loop later. */
async function heard(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

async function next(): Promise<void> {
  if (sent >= Number(count)) {
    await heard();
    // Those of an earlier process count, too.
    if (store.engine.messages.size === 0) await store.close();
    return;
  }
  sent += 1;
  const veryLarge = sent % VERY_LARGE_EVERY === 0;
  await producer.send({
    messageId: `${String(process.pid)}-${sent}`,
    message: { payload: veryLarge ? Buffer.alloc(VERY_LARGE_BYTES, 'x') : 'x'.repeat(LARGE_CHARS) },
    preserved: undefined,
    hasPreserved: false,
    service: 'svc',
    reversePath: true,
    correlationId: '',
  });
}

await store.restore();
consumer.attach(store);
producer.attach(store);
await store.open();
console.log('open');
for (let started = 0; started < AT_ONCE; started += 1) await next();
