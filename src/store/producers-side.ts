import type { Engine } from '../engine/engine.js';
import type { DeadlineHeap } from '../support/deadline-heap.js';
import { Acceptance } from './acceptance.js';
import { AttachedProducers } from './attached-producers.js';
import type { Capacity } from './capacity.js';
import type { Inbox } from './inbox.js';
import type { LargePayloads } from './large-payloads.js';
import { MessageCounters } from './message-counters.js';
import { MessageHome } from './message-home.js';
import { MessageViews } from './message-views.js';
import type { StorePorts } from './options.js';
import { Outbox } from './outbox.js';
import { StoreJournal } from './store-journal.js';

/** The parts of a store that look after its producers' messages. */
export interface ProducersSide {
  readonly journal: StoreJournal;
  readonly outbox: Outbox;
  readonly acceptance: Acceptance;
  readonly home: MessageHome;
}

/** What they are made with. */
export interface ProducersSideBasis {
  readonly storeName: string;
  /** Names this start of the store. */
  readonly bootId: string;
  readonly engine: Engine;
  readonly deadlines: DeadlineHeap;
  readonly capacity: Capacity;
  readonly large: LargePayloads;
  readonly ports: StorePorts;
  readonly inbox: Inbox;
  /** A consumer of the service has room again. */
  readonly roomFreed: (service: string) => void;
}

/** Makes the producers' side of a store and joins its parts. */
export function assembleProducersSide(basis: ProducersSideBasis): ProducersSide {
  const { storeName, bootId, engine, deadlines, capacity, large, ports, inbox, roomFreed } = basis;
  const { clock, log, payloads, ids } = ports;
  const journal = new StoreJournal(ports.journal, clock, log);
  const producers = new AttachedProducers(deadlines, clock);
  const counters = new MessageCounters((producerId) => producers.get(producerId)?.changed());
  const views = new MessageViews(storeName, payloads, clock);
  const largePayloads = large;
  const common = { engine, largePayloads, deadlines, views, journal, clock, log };
  const outbox = new Outbox({
    ...common,
    capacity,
    counters,
    producers,
    ids,
    bootId,
    events: {
      messageEnded: (messageId) => {
        inbox.expire(messageId);
      },
    },
  });
  engine.replies.onInsert((row) => producers.get(row.producerId)?.replyWaiting());
  const acceptance = new Acceptance(outbox, capacity, payloads, large, journal, clock);
  const home = new MessageHome({ ...common, outbox, roomFreed });
  return { journal, outbox, acceptance, home };
}
