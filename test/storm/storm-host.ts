/**
 * A process of a storm: one store, and what its flow does. Started by `storm-process.ts` with its task as JSON. The flow of the
 * producer's store sends at an even pace until it has sent so many, over deaths; that of the consumer's answers.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Consumer } from '../../src/consumer/consumer.js';
import { Producer } from '../../src/producer/producer.js';
import type { Store } from '../../src/store/store.js';
import { describe, RedlinkError } from '../../src/support/errors.js';
import type { Log } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { composePlainStore } from '../support/compose-plain-store.js';
import { WALL_OFFSET_VARIABLE } from '../support/wall-offset.js';
import { kindOf, LedgerWriter, type Kind } from './ledger.js';
import {
  ATTEMPTED,
  LEDGER,
  stormOrder,
  task as taskOf,
  type StormOrder,
  type StormReport,
  type Task,
} from './storm-talk.js';

/** Longer than most storms, ms, so that nothing fails by itself. */
const LIFETIME_MS = 3_600_000;
const NOTIFY_INTERVAL_MS = 1_000;
const RE_NOTIFY_MS = 1_000;
const IN_TRANSIT_LIMIT = 50;
const MAX_DELIVER = 1_000;
const LARGE_EVERY = 10;

/** Messages one after the other take so many different times to answer. */
const THINK_STEPS = 10;

/** Between two reports and two looks at the pace, ms. */
const REPORT_EVERY_MS = 100;
const MS_PER_SECOND = 1_000;

const task = taskOf.parse(JSON.parse(process.argv[2] ?? '{}'));
const clock = new SystemClock();

const ledger = new LedgerWriter(join(task.folder, LEDGER));

const log: Log = {
  error: (text) => {
    report({ report: 'trouble', text });
  },
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

function report(what: StormReport): void {
  process.send?.(what);
}

function numberIn(value: unknown): number {
  const number: unknown =
    typeof value === 'object' && value !== null && 'number' in value ? value.number : NaN;
  return typeof number === 'number' ? number : NaN;
}

/** Ids tell what they are of, so that a failure does, too. */
const idOf = (number: number): string => `storm-${number}`;
const numberOf = (id: string): number => Number(id.slice('storm-'.length));

function attachConsumer(store: Store, service: string): void {
  const consumer: Consumer = new Consumer(
    {
      id: 'consumer',
      service,
      inTransitLimit: IN_TRANSIT_LIMIT,
      manualRead: false,
      reNotifyMs: RE_NOTIFY_MS,
      rate: undefined,
    },
    clock,
    {
      notified: () => undefined,
      received: ({ meta, message }) => {
        const number = numberIn(message);
        ledger.note({ saw: 'received', number, delivery: meta.deliveryCount });
        if (meta.sendOnly) return;
        const reply = (): void => void consumer.reply(meta.messageId, { number }, undefined);
        if (task.thinkMs === undefined) reply();
        else clock.after(((number % THINK_STEPS) / THINK_STEPS) * task.thinkMs, reply);
      },
      failed: () => undefined,
      changed: () => undefined,
    },
  );
  consumer.attach(store);
}

function attachProducer(store: Store, service: string, kind: Kind): Producer {
  const producer = new Producer(
    {
      id: `producer ${kind}`,
      service,
      lifetimeMs: task.lifetimeMs ?? LIFETIME_MS,
      notifyIntervalMs: NOTIFY_INTERVAL_MS,
      priority: 0,
      reversePath: true,
      sendOnly: kind === 'sendOnly',
      manualRead: false,
      rate: undefined,
      redeliver: kind === 'redeliver',
      maxDeliver: MAX_DELIVER,
    },
    clock,
    {
      received: ({ payload, mayRepeat }) => {
        ledger.note({ saw: 'replied', number: numberIn(payload), mayRepeat });
      },
      failed: ({ code, read, message }) => {
        ledger.note({ saw: 'failed', number: numberOf(message.id), code, read });
      },
      repliesWaiting: () => undefined,
      changed: () => undefined,
      trouble: (error) => {
        log.error(String(error));
      },
    },
  );
  producer.attach(store);
  return producer;
}

async function send(producer: Producer, kind: Kind, service: string, number: number): Promise<void> {
  const isLarge = number % LARGE_EVERY === 0;
  await producer.send({
    messageId: idOf(number),
    message: { number, filling: 'x'.repeat((isLarge ? task.largeBytes : undefined) ?? task.bytes) },
    preserved: undefined,
    hasPreserved: false,
    service,
    reversePath: true,
    correlationId: '',
  });
  ledger.note({ saw: 'accepted', number, kind });
}

/** Goes on after the last number that was tried: what became of that one, nobody was told. */
function feed(
  { service, count, perSecond }: NonNullable<Task['sends']>,
  producers: Record<Kind, Producer>,
): void {
  // Kept open: a storm may leave no file handle for it.
  const attempted = openSync(join(task.folder, ATTEMPTED), 'a+');
  let number = task.firstNumber;
  const startedAt = clock.now();
  const first = number;
  let enough = false;
  onOrder((order) => {
    enough ||= order.order === 'enough';
  });
  const step = (): void => {
    if (enough) return;
    const due = first + ((clock.now() - startedAt) * perSecond) / MS_PER_SECOND;
    while (number < Math.min(count, due)) {
      const kind = kindOf(number);
      writeSync(attempted, `${number + 1}\n`);
      const sent = number;
      send(producers[kind], kind, service, sent).catch((error: unknown) => {
        if (error instanceof RedlinkError) ledger.note({ saw: 'refused', number: sent, code: error.code });
        else log.error(`message ${sent} was refused without a code: ${String(error)}`);
      });
      number += 1;
    }
    report({ report: 'sent', number });
    if (number < count) clock.after(REPORT_EVERY_MS, step);
  };
  step();
}

function onOrder(carryOut: (order: StormOrder) => void): void {
  process.on('message', (said) => {
    carryOut(stormOrder.parse(said));
  });
}

/** Leaves its own process no file handle, as many other files and connections would. */
function takeHandlesOnOrder(): void {
  const taken: number[] = [];
  onOrder(({ order }) => {
    if (order === 'giveHandles') for (const handle of taken.splice(0)) closeSync(handle);
    if (order !== 'takeHandles') return;
    try {
      for (;;) taken.push(openSync('/dev/null', 'r'));
    } catch {
      report({ report: 'handlesTaken', count: taken.length });
    }
  });
}

async function run(): Promise<void> {
  takeHandlesOnOrder();
  onOrder((order) => {
    if (order.order === 'setClock') process.env[WALL_OFFSET_VARIABLE] = String(order.offsetMs);
  });
  const store = await composePlainStore(task.properties, task.storeFolder ?? task.folder, { log });
  await store.restore();
  if (task.offers !== undefined) attachConsumer(store, task.offers);
  const { sends } = task;
  const producers =
    sends === undefined
      ? undefined
      : {
          redeliver: attachProducer(store, sends.service, 'redeliver'),
          once: attachProducer(store, sends.service, 'once'),
          sendOnly: attachProducer(store, sends.service, 'sendOnly'),
        };
  await store.open();
  report({ report: 'open' });
  if (producers === undefined || sends === undefined) return;
  feed(sends, producers);
  const tellLeft = (): void => {
    const left = Object.values(producers).reduce((sum, producer) => {
      const { queued, notified, replies } = producer.counts();
      return sum + queued + notified + replies;
    }, 0);
    report({ report: 'left', count: left });
    clock.after(REPORT_EVERY_MS, tellLeft);
  };
  tellLeft();
}

// Whoever started it is gone: nobody else would end it.
process.on('disconnect', () => process.exit());
run().catch((error: unknown) => {
  const code = error instanceof RedlinkError ? { code: error.code } : {};
  report({ report: 'notOpen', ...code, text: describe(error) });
});
