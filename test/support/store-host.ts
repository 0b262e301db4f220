/**
 * A process with one store, put together exactly as the node puts it together, and without Node-RED around it: it starts
 * in a fraction of the time and memory. Started by `store-process.ts`, which says over the channel what is to be done.
 */
import { subscribe } from 'node:diagnostics_channel';
import { IncomingMessage } from 'node:http';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Consumer } from '../../src/consumer/consumer.js';
import { Producer } from '../../src/producer/producer.js';
import type { Store } from '../../src/store/store.js';
import { UNOBSERVED } from '../../src/store/store-observer.js';
import type { Log } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { composePlainStore } from './compose-plain-store.js';
import { asked, momentNow, type Asked, type Told } from './store-host-talk.js';

/** How long a producer waits, ms: longer than any test, so that nothing fails by itself. */
const LIFETIME_MS = 300_000;

/** As a new producer node has it. */
const NOTIFY_INTERVAL_MS = 15_000;
const RE_NOTIFY_MS = 1_000;

const [folder = mkdtempSync(join(tmpdir(), 'redlink-host-'))] = process.argv.slice(2);
const clock = new SystemClock();
const payload = z.object({ payload: z.object({ number: z.number(), by: z.string().optional() }) });

let store: Store | undefined;
/** The order by which the store was opened. */
let opened: Extract<Asked, { ask: 'open' }> | undefined;
/** By the priority of what they send. */
const producers = new Map<number, Producer>();
let seen = '';
let sent = 0;
let requests = 0;
let bytes = 0;
const started = z.object({ request: z.instanceof(IncomingMessage) });
subscribe('http.server.request.start', (said) => {
  requests += 1;
  bytes += Number(started.parse(said).request.headers['content-length'] ?? 0);
});

function tell(what: Told): void {
  process.send?.(what);
}

const log: Log = {
  error: (text) => {
    tell({ tell: 'log', at: momentNow(), text: `error: ${text}` });
  },
  warn: (text) => {
    tell({ tell: 'log', at: momentNow(), text });
  },
  info: () => undefined,
  debug: () => undefined,
};

function tellServices(): void {
  const services = [...(store?.services() ?? [])].sort();
  if (services.join() === seen) return;
  seen = services.join();
  tell({ tell: 'services', at: momentNow(), services });
}

async function open(order: Extract<Asked, { ask: 'open' }>): Promise<void> {
  const observer = { ...UNOBSERVED, changed: tellServices };
  const made = await composePlainStore(order.properties, folder, { log, observer });
  await made.restore();
  store = made;
  seen = '';
  opened = order;
  for (const service of order.offers) attachEcho(made, service, order);
  producerOf(made, 0);
  await made.open();
  tell({ tell: 'opened', at: momentNow(), wallMs: Date.now() });
  tellServices();
}

function attachEcho(
  to: Store,
  service: string,
  { inTransitLimit, thinkMs }: Extract<Asked, { ask: 'open' }>,
): void {
  const paths = new Map<string, string[]>();
  const consumer: Consumer = new Consumer(
    {
      id: `echo of ${service}`,
      service,
      inTransitLimit,
      manualRead: false,
      reNotifyMs: RE_NOTIFY_MS,
      rate: undefined,
    },
    clock,
    {
      notified: (notice) => {
        paths.set(
          notice.messageId,
          notice.path.map(({ storeName }) => storeName),
        );
      },
      received: ({ meta, message }) => {
        const { number } = payload.parse(message).payload;
        const path = paths.get(meta.messageId) ?? [];
        paths.delete(meta.messageId);
        tell({ tell: 'received', at: momentNow(), number, path });
        const answer = (): void => void consumer.reply(meta.messageId, { number, by: to.name }, undefined);
        const takesMs = thinkMs[service];
        if (takesMs === undefined) answer();
        else clock.after(takesMs, answer);
      },
      failed: ({ action, code, text }) => {
        tell({ tell: 'failed', at: momentNow(), text: `${action} ${code}: ${text}` });
      },
      changed: () => undefined,
    },
  );
  consumer.attach(to);
}

function openStore(): Store {
  if (store === undefined) throw new Error('no store is open');
  return store;
}

function producerOf(to: Store, priority: number): Producer {
  const existing = producers.get(priority);
  if (existing !== undefined) return existing;
  const made = attachProducer(to, priority);
  producers.set(priority, made);
  return made;
}

function attachProducer(to: Store, priority: number): Producer {
  const made = new Producer(
    {
      id: `producer of ${priority}`,
      service: '',
      lifetimeMs: LIFETIME_MS,
      notifyIntervalMs: NOTIFY_INTERVAL_MS,
      priority,
      reversePath: true,
      sendOnly: false,
      manualRead: false,
      rate: undefined,
      redeliver: false,
      maxDeliver: 1,
    },
    clock,
    {
      received: (reply) => {
        const { number, by = '' } = payload.parse({ payload: reply.payload }).payload;
        tell({ tell: 'replied', at: momentNow(), number, consumerStore: by });
      },
      failed: ({ action, code, read }) => {
        tell({ tell: 'failed', at: momentNow(), text: `${action} ${code}, read: ${String(read)}` });
      },
      repliesWaiting: () => undefined,
      changed: () => undefined,
      trouble: (error) => {
        tell({ tell: 'failed', at: momentNow(), text: String(error) });
      },
    },
  );
  made.attach(to);
  return made;
}

async function close(): Promise<void> {
  await store?.close();
  store = undefined;
  producers.clear();
  tell({ tell: 'closed', at: momentNow() });
}

async function send({
  service,
  reversePath,
  numbers,
  priority,
}: Extract<Asked, { ask: 'send' }>): Promise<void> {
  const producer = producerOf(openStore(), priority);
  for (const number of numbers) {
    sent += 1;
    await producer.send({
      // Ids must not repeat where a process starts anew with the same numbers.
      messageId: `${String(process.pid)}-${sent}`,
      message: { payload: { number } },
      preserved: undefined,
      hasPreserved: false,
      service,
      reversePath,
      correlationId: '',
    });
  }
}

function carryOut(order: Asked): Promise<void> {
  switch (order.ask) {
    case 'open':
      return open(order);
    case 'offer':
      if (opened !== undefined) attachEcho(openStore(), order.service, opened);
      return Promise.resolve();
    case 'count':
      tell({ tell: 'counted', requests, bytes });
      return Promise.resolve();
    case 'close':
      return close();
    case 'send':
      return send(order);
  }
}

process.on('message', (said: unknown) => {
  carryOut(asked.parse(said)).catch((error: unknown) => {
    tell({ tell: 'failed', at: momentNow(), text: String(error) });
  });
});
// Whoever started it is gone: nobody else would end it.
process.on('disconnect', () => process.exit());
tell({ tell: 'ready' });
