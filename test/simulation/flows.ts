import { Consumer } from '../../src/consumer/consumer.js';
import { Producer } from '../../src/producer/producer.js';
import type { Store } from '../../src/store/store.js';
import type { Clock } from '../../src/support/clock.js';
import type { Outcome } from './ledger.js';
import type { ConsumerPlan, ProducerPlan } from './scenario.js';

/** How often a manual consumer is reminded of an unread message, ms (the default of the node). */
const RE_NOTIFY_MS = 1_000;

/** What came out of a producer. */
export interface ProducerOutput extends Omit<Outcome, 'atMs' | 'content' | 'preserved'> {
  readonly messageId: string;
  /** The value of a reply, the code of a failure. */
  readonly value: unknown;
  readonly preserved: unknown;
  /** Whether it says that the flow may have had it before. */
  readonly mayRepeat: boolean;
}

/** A producer of `src/producer` with the flow behind it. */
export function makeProducer(
  plan: ProducerPlan,
  lifetimeMs: number,
  clock: Clock,
  store: Store,
  output: (output: ProducerOutput) => void,
  trouble: (error: unknown) => void,
): Producer {
  const { id, service, notifyIntervalMs, priority, reversePath, sendOnly, redeliver, maxDeliver } = plan;
  const options = {
    id,
    service,
    lifetimeMs,
    notifyIntervalMs,
    priority,
    reversePath,
    sendOnly,
    redeliver,
    maxDeliver,
  };
  const producer: Producer = new Producer(
    { ...options, manualRead: plan.manualRead, rate: plan.rate },
    clock,
    {
      received: ({ messageId, hasError, consumerError, payload, preserved, mayRepeat }) => {
        const kind = hasError ? 'errorReply' : 'reply';
        const value = hasError ? consumerError : payload;
        output({ kind, messageId, value, preserved, read: true, mayRepeat });
      },
      repliesWaiting: (_oldest, count) => {
        // The flow takes its time; by then an earlier reminder may have led to the same reads.
        clock.after(plan.notifyIntervalMs / 2, () => {
          for (let left = count; left > 0; left -= 1) {
            producer.readReply(undefined).catch((error: unknown) => {
              if (!isNothingWaiting(error)) trouble(error);
            });
          }
        });
      },
      failed: ({ message, code, preserved, read }) => {
        output({ kind: 'failure', messageId: message.id, value: code, preserved, read, mayRepeat: false });
      },
      changed: () => undefined,
      trouble,
    },
  );
  producer.attach(store);
  return producer;
}

function isNothingWaiting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NOTHING_WAITING';
}

/** A consumer of `src/consumer`; in manual read it reads each message a while after it was notified. */
export function makeConsumer(
  plan: ConsumerPlan,
  inTransitLimit: number,
  clock: Clock,
  received: (messageId: string, payload: unknown, isRepeat: boolean, deliveryCount: number) => void,
  failed: (messageId: string | undefined, code: string) => void,
): Consumer {
  const { id, service, manualRead, rate } = plan;
  const options = { id, service, inTransitLimit, manualRead, rate, reNotifyMs: RE_NOTIFY_MS };
  const consumer: Consumer = new Consumer(options, clock, {
    notified: ({ messageId }) => {
      if (plan.manualRead) clock.after(plan.thinkMs[0], () => void consumer.read(messageId));
    },
    received: ({ meta, message }) => {
      received(meta.messageId, payloadOf(message), meta.deliveryCount > 1, meta.deliveryCount);
    },
    failed: ({ messageId, code }) => {
      failed(messageId, code);
    },
    changed: () => undefined,
  });
  return consumer;
}

/** The payload of a whole message; undefined where it had none. */
function payloadOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'payload' in message
    ? message.payload
    : undefined;
}
