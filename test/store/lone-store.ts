import { MemoryJournal, type MemoryDisk } from '../../src/journal/memory.js';
import type { Journal } from '../../src/journal/port.js';
import { MemoryPayloads } from '../../src/payload/memory.js';
import type { AttachedProducer, MessageFailure, NewMessage } from '../../src/store/contract.js';
import type { Handover } from '../../src/store/handover.js';
import { Store } from '../../src/store/store.js';
import { UNOBSERVED } from '../../src/store/store-observer.js';
import { RedlinkError } from '../../src/support/errors.js';
import { countingIds } from '../../src/support/ids.js';
import type { Log } from '../../src/support/log.js';
import { SILENT_LOG } from '../../src/support/log.js';
import type { StoreClock, VirtualClock } from '../simulation/virtual-clock.js';

export const STORE = 'mesh0:S1';
export const PRODUCER = 'p1';
export const SERVICE = 'svc';

/** A store that reaches no other, and what its one producer is told. */
export interface LoneStore {
  readonly store: Store;
  readonly failures: MessageFailure[];
  /** How often it heard that a reply waits. */
  readonly repliesTold: () => number;
  /** Lines of its log. */
  readonly lines: readonly string[];
  readonly clock: StoreClock;
  /** The process dies. */
  crash(): void;
}

export interface LoneStoreOptions {
  readonly clock: VirtualClock;
  readonly disk: MemoryDisk;
  readonly payloads?: MemoryPayloads;
  /** In place of the one in memory. */
  readonly journal?: Journal;
  readonly handover?: Handover;
  readonly wallOffsetMs?: number;
  /** What the disk takes for each access, ms. */
  readonly commitMs?: number;
}

/** Starts the store on what its disk holds, and attaches its producer. */
export async function startLoneStore(options: LoneStoreOptions): Promise<LoneStore> {
  const { disk, payloads = new MemoryPayloads(), handover, wallOffsetMs = 0, commitMs = 0 } = options;
  const clock = options.clock.forStore(wallOffsetMs);
  const journal = new MemoryJournal({ disk, clock, commitMs });
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  const log: Log = { ...SILENT_LOG, error: note, warn: note };
  const store = new Store(
    {
      name: STORE,
      address: { host: '10.0.0.1', port: '2000' },
      southInsert: true,
      balance: false,
      northPeers: [],
      allowedSources: [],
      largeMessageThreshold: 2_000,
      maxMessages: 1_000,
      maxBytes: 10_000_000,
    },
    {
      clock,
      ids: countingIds('lone'),
      log,
      payloads,
      journal: options.journal ?? journal,
      peers: {
        call: (to) => Promise.reject(new RedlinkError('PEER_UNREACHABLE', `${to.host} is not there`)),
        capabilities: () => undefined,
      },
      resolver: { resolve: async (host) => [host] },
      listen: async () => ({ close: async () => undefined }),
    },
    UNOBSERVED,
  );
  const failures: MessageFailure[] = [];
  let told = 0;
  const producer: AttachedProducer = {
    id: PRODUCER,
    takesAtOnce: false,
    replyWaiting: () => void (told += 1),
    failed: (failure) => {
      failures.push(failure);
      // What lies in a file is read first: the test says when.
      if (!failure.message.large) store.releaseFailed(failure.message.id);
    },
    changed: () => undefined,
  };
  await store.restore(handover);
  store.attachProducer(producer);
  await store.open();
  const crash = (): void => {
    journal.crash();
    clock.stop();
    store.engine.close();
  };
  return { store, failures, repliesTold: () => told, lines, clock, crash };
}

/** A message of the producer. */
export function newMessage(id: string, changes: Partial<NewMessage> = {}): NewMessage {
  return {
    id,
    producerId: PRODUCER,
    service: SERVICE,
    priority: 0,
    sendOnly: false,
    reversePath: true,
    lifetimeMs: 60_000,
    notifyIntervalMs: 5_000,
    redeliver: false,
    maxDeliver: 1,
    body: { text: JSON.stringify({ payload: id }), restore: '' },
    preserved: undefined,
    correlationId: '',
    ...changes,
  };
}
