/** A store outside the Node-RED under test: the same core, reached over real HTTPS alone. */
import { Consumer } from '../../src/consumer/consumer.js';
import type { ConsumerFailure, ReceivedMessage } from '../../src/consumer/events.js';
import type { ConsumerOptions } from '../../src/consumer/options.js';
import { NoJournal } from '../../src/journal/none.js';
import { MemoryPayloads } from '../../src/payload/memory.js';
import { payloadSpool } from '../../src/payload/spool.js';
import { Producer, type FailedSend, type ReceivedReply } from '../../src/producer/producer.js';
import type { ProducerOptions } from '../../src/producer/options.js';
import type { StoreOptions } from '../../src/store/options.js';
import { Store } from '../../src/store/store.js';
import { UNOBSERVED } from '../../src/store/store-observer.js';
import { PRIVATE_RANGES } from '../../src/support/address-ranges.js';
import { uuidIds } from '../../src/support/ids.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { SystemResolver } from '../../src/support/system-resolver.js';
import { HttpsTransport, type HttpsOptions } from '../../src/transport/https/transport.js';
import { InProcessDirectory } from '../../src/transport/in-process.js';
import type { Listener } from '../../src/transport/port.js';
import { WirePeers } from '../../src/transport/wire-peers.js';
import { serveVerbs } from '../../src/transport/wire-server.js';
import { Outlet } from './outlet.js';

const HOST = '127.0.0.1';
/** Large enough to be no test's business. */
const ROOMY = { maxMessages: 100_000, maxBytes: 1_000_000_000 };

/** A consumer of a remote store and what came out of it. */
export interface RemoteConsumer {
  readonly consumer: Consumer;
  readonly received: Outlet<ReceivedMessage>;
  readonly failed: Outlet<ConsumerFailure>;
}

/** A producer of a remote store and what came out of it. */
export interface RemoteProducer {
  readonly replies: Outlet<ReceivedReply>;
  readonly failures: Outlet<FailedSend>;
  send(payload: unknown): void;
}

export class RemoteStore {
  private sent = 0;
  private listener: Listener | undefined;

  private constructor(
    readonly store: Store,
    readonly payloads: MemoryPayloads,
    private readonly transport: HttpsTransport,
  ) {}

  static async open(
    port: number,
    norths: readonly number[] = [],
    options: Partial<StoreOptions> = {},
    https: Partial<HttpsOptions> = {},
  ): Promise<RemoteStore> {
    const address = { host: HOST, port: String(port) };
    const payloads = new MemoryPayloads();
    const transport = new HttpsTransport({ tls: 'auto', env: {}, log: SILENT_LOG, ...https });
    const clock = new SystemClock();
    const peers = new WirePeers(transport, clock, new InProcessDirectory());
    let listener: Listener | undefined;
    const store = new Store(
      {
        name: 'mesh0:remote',
        address,
        southInsert: true,
        balance: false,
        northPeers: norths.map((north) => ({
          address: { host: HOST, port: String(north) },
          redistribute: false,
        })),
        allowedSources: PRIVATE_RANGES,
        largeMessageThreshold: 25_000,
        ...ROOMY,
        ...options,
      },
      {
        clock,
        ids: uuidIds,
        log: SILENT_LOG,
        payloads,
        journal: new NoJournal(),
        peers,
        resolver: new SystemResolver(SILENT_LOG),
        listen: async (answerer) => {
          listener = await transport.listen(
            { address },
            serveVerbs(answerer, {
              ...payloadSpool(payloads, ROOMY.maxBytes),
              learn: (from, capabilities) => {
                peers.learn(from, capabilities);
              },
              clock,
              log: SILENT_LOG,
            }),
          );
          return listener;
        },
      },
      UNOBSERVED,
    );
    const remote = new RemoteStore(store, payloads, transport);
    await store.open();
    remote.listener = listener;
    return remote;
  }

  /** Vanishes from the network as the death of its process would have it: without a word. */
  async vanish(): Promise<void> {
    await Promise.all([this.listener?.close(), this.transport.close()]);
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.transport.close();
  }

  consumer(options: Partial<ConsumerOptions> = {}): RemoteConsumer {
    const received = new Outlet<ReceivedMessage>('remote consumer');
    const failed = new Outlet<ConsumerFailure>('failures of the remote consumer');
    const consumer = new Consumer(
      {
        id: 'remote-consumer',
        service: 'svc',
        inTransitLimit: 10,
        manualRead: false,
        reNotifyMs: 1_000,
        rate: undefined,
        ...options,
      },
      new SystemClock(),
      {
        notified: () => undefined,
        received: (message) => {
          received.push(message);
        },
        failed: (failure) => {
          failed.push(failure);
        },
        changed: () => undefined,
      },
    );
    consumer.attach(this.store);
    return { consumer, received, failed };
  }

  producer(options: Partial<ProducerOptions> = {}): RemoteProducer {
    const replies = new Outlet<ReceivedReply>('remote producer');
    const failures = new Outlet<FailedSend>('failures of the remote producer');
    const service = options.service ?? 'svc';
    const producer = new Producer(
      {
        id: 'remote-producer',
        service,
        lifetimeMs: 60_000,
        notifyIntervalMs: 1_000,
        priority: 0,
        reversePath: true,
        sendOnly: false,
        manualRead: false,
        rate: undefined,
        redeliver: false,
        maxDeliver: 1,
        ...options,
      },
      new SystemClock(),
      {
        received: (reply) => {
          replies.push(reply);
        },
        failed: (failure) => {
          failures.push(failure);
        },
        repliesWaiting: () => undefined,
        changed: () => undefined,
        trouble: (error) => {
          throw error;
        },
      },
    );
    producer.attach(this.store);
    const send = (payload: unknown): void => {
      this.sent += 1;
      void producer.send({
        messageId: `remote${this.sent}`,
        message: { payload },
        preserved: undefined,
        hasPreserved: false,
        service,
        reversePath: options.reversePath ?? true,
        correlationId: '',
      });
    };
    return { replies, failures, send };
  }
}
