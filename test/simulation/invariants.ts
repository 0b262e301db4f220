import type { MessageRow, NotifyRow, ReplyRow } from '../../src/engine/rows.js';
import type { Entry, Ledger } from './ledger.js';
import type { ConsumerPlan } from './scenario.js';

/** How late a deadline may be noticed, ms (DEFECTS 15). */
const DEADLINE_TOLERANCE_MS = 250;

/** What the invariants look at. */
export interface MeshView {
  readonly nowMs: number;
  /** Nothing is done to the mesh but to send messages. */
  readonly fair: boolean;
  readonly ledger: Ledger;
  /** The stores that are up. */
  readonly stores: readonly StoreView[];
  readonly consumers: readonly AttachedView[];
}

export interface StoreView {
  readonly name: string;
  /** Whether every consumer's store learns how long the producers of its messages wait: version 3 does not say. */
  readonly knowsDeadlines: boolean;
  messages(): readonly MessageRow[];
  notifies(): readonly NotifyRow[];
  replies(): readonly ReplyRow[];
  /** Where an index of the engine disagrees with its table; undefined: nowhere. */
  inconsistency(): string | undefined;
  /** Payloads kept outside the tables. */
  readonly payloads: number;
  /** Timers that wait, now and when the mesh was at rest before its first message. */
  readonly timers: number;
  readonly timersAtFirst: number;
}

/** A consumer that is attached. */
export interface AttachedView {
  readonly plan: ConsumerPlan;
  readonly attachment: number;
}

export interface Invariant {
  readonly name: string;
  /** The rule, as DESIGN.md has it. */
  readonly says: string;
  /** What breaks the rule; undefined: nothing. */
  violation(mesh: MeshView): string | undefined;
}

/** Hold after every step of a run. */
export const AT_EACH_STEP: readonly Invariant[] = [
  {
    name: 'conservation',
    says: 'Every accepted message is queued, under way, or has ended. None lost, none twice.',
    violation: (mesh) => {
      const rows = countRows(mesh);
      for (const entry of mesh.ledger.entries.values()) {
        const count = rows.get(entry.id) ?? 0;
        if (count > 1) return `${entry.id} has ${count} rows in inMessages`;
        if (count === 0 && !mesh.ledger.isOver(entry)) return `${describe(entry)} is lost`;
        const ended = entry.outcomes.length > 0 && !isBeingHeard(mesh, entry.id);
        if (count === 1 && ended) return `${describe(entry)} has ended and is still kept`;
      }
      for (const id of rows.keys()) {
        if (!mesh.ledger.entries.has(id)) return `${id} has a row and was never accepted`;
      }
      return undefined;
    },
  },
  {
    name: 'one terminal output',
    says: 'One terminal output per message.',
    violation: (mesh) => {
      for (const entry of mesh.ledger.entries.values()) {
        if (entry.outcomes.length > 1) return `${describe(entry)} ended more than once`;
        const replied = entry.outcomes.some((outcome) => outcome.kind !== 'failure');
        if (replied && entry.producer.sendOnly) return `${describe(entry)} is sendOnly and got a reply`;
      }
      return undefined;
    },
  },
  {
    name: 'faithful delivery',
    says: 'Every delivery matches an accepted id and payload, every reply what a consumer sent for it.',
    violation: (mesh) => {
      for (const entry of mesh.ledger.entries.values()) {
        const trouble = unfaithful(entry);
        if (trouble !== undefined) return trouble;
      }
      return mesh.ledger.strange[0];
    },
  },
  {
    name: 'one live assignment',
    says: 'A message has at most one live assignment, and is given out again only if its producer allows it.',
    violation: (mesh) => {
      for (const entry of mesh.ledger.entries.values()) {
        const { deliveries, producer } = entry;
        const allowed = producer.redeliver ? producer.maxDeliver : 1;
        if (deliveries.length > allowed) return `${describe(entry)} was delivered ${deliveries.length} times`;
        const silent = deliveries.slice(1).some((delivery) => !delivery.redelivered);
        if (silent) return `${describe(entry)} was repeated without saying so`;
        const falsely = !producer.redeliver && deliveries.some((delivery) => delivery.redelivered);
        if (falsely) return `${describe(entry)} calls itself a repeat and is none`;
      }
      return undefined;
    },
  },
  {
    name: 'in-transit limit',
    says: 'Unanswered messages per consumer never exceed its in-transit limit.',
    violation: (mesh) => {
      const unanswered = countUnanswered(mesh);
      const outstanding = countOutstanding(mesh);
      for (const { plan } of mesh.consumers) {
        const inFlow = unanswered.get(plan.id) ?? 0;
        const inStore = outstanding.get(plan.id) ?? 0;
        if (Math.max(inFlow, inStore) > plan.inTransitLimit) {
          return `${plan.id} has ${inFlow} unanswered, ${inStore} assigned; its limit is ${plan.inTransitLimit}`;
        }
      }
      return undefined;
    },
  },
  {
    name: 'deadline',
    says: 'A message that is not replied to by its deadline fails within 250 ms of it.',
    violation: (mesh) => {
      // A reply that came in time may wait for a flow that reads by hand, or at a rate.
      const replied = new Set(mesh.stores.flatMap((store) => store.replies().map((row) => row.messageId)));
      for (const entry of mesh.ledger.entries.values()) {
        const late = mesh.nowMs > entry.deadlineAtMs + DEADLINE_TOLERANCE_MS;
        if (late && !mesh.ledger.isOver(entry) && !replied.has(entry.id))
          return `${describe(entry)} outlives its deadline`;
        const early = entry.outcomes.some(
          (outcome) => outcome.content === 'TIMED_OUT' && outcome.atMs < entry.deadlineAtMs,
        );
        if (early) return `${describe(entry)} timed out before its deadline`;
      }
      return undefined;
    },
  },
  {
    name: 'consistent indexes',
    says: "The engine's indexes agree with its tables.",
    violation: (mesh) => {
      for (const store of mesh.stores) {
        const trouble = store.inconsistency();
        if (trouble !== undefined) return `${store.name}: ${trouble}`;
      }
      return undefined;
    },
  },
];

/** Hold when all faults are over and every deadline has passed. */
export const AT_REST: readonly Invariant[] = [
  {
    name: 'progress',
    says: 'Once faults stop, every message with a live consumer ends.',
    violation: (mesh) => {
      for (const entry of mesh.ledger.entries.values()) {
        if (!mesh.ledger.isOver(entry) && !hasLostItsReader(entry, mesh))
          return `${describe(entry)} never ends`;
        const nothing = entry.outcomes.length === 0 && entry.deliveries.length === 0;
        if (mesh.fair && nothing) return `${describe(entry)} vanished without any fault`;
      }
      return undefined;
    },
  },
  {
    name: 'nothing left over',
    says: 'After a drain: no rows, no timers, no files above the baseline.',
    violation: (mesh) => {
      for (const store of mesh.stores) {
        const trouble = leftOver(store, (id) => {
          const entry = mesh.ledger.entries.get(id);
          return entry === undefined || !hasLostItsReader(entry, mesh);
        });
        if (trouble !== undefined) return `${store.name} still has ${trouble}`;
      }
      return undefined;
    },
  },
];

/**
 * Whether a message counts as read and nobody has it any more: its transfer broke after the last byte
 * had left, or the consumer that had it went away. Only its deadline ends it, so one without stays.
 */
function hasLostItsReader(entry: Entry, mesh: MeshView): boolean {
  const last = entry.deliveries.at(-1);
  if (last === undefined) return entry.takenOff && !mesh.fair;
  return !mesh.consumers.some((consumer) => consumer.attachment === last.attachment);
}

function leftOver(store: StoreView, mayNotStay: (messageId: string) => boolean): string | undefined {
  const ids = (rows: readonly { readonly messageId: string }[]): string =>
    rows.map((row) => row.messageId).join(' ');
  const messages = store.messages().filter((row) => mayNotStay(row.id));
  if (messages.length > 0) return `messages: ${messages.map((row) => `${row.id} ${row.state}`).join(', ')}`;
  // What was read and not answered is kept for a late reply where nobody said how long the producer waits.
  const lateRepliesMayCome = (row: NotifyRow): boolean => !store.knowsDeadlines && row.state === 'read';
  const notifies = store.notifies().filter((row) => !lateRepliesMayCome(row));
  if (notifies.length > 0) return `notifies: ${ids(notifies)}`;
  if (store.replies().length > 0) return `replies: ${ids(store.replies())}`;
  const kept = store.messages().filter((row) => row.payloadName !== '').length;
  if (store.payloads > kept) return `${store.payloads} payloads for ${kept} messages`;
  // One timer serves all deadlines, also those of the rows that wait for a late reply.
  const timers = store.timersAtFirst + (store.notifies().length > 0 ? 1 : 0);
  if (store.timers > timers) return `${store.timers} timers, ${timers} would do`;
  return undefined;
}

function countRows(mesh: MeshView): Map<string, number> {
  const rows = new Map<string, number>();
  for (const store of mesh.stores) {
    for (const row of store.messages()) rows.set(row.id, (rows.get(row.id) ?? 0) + 1);
  }
  return rows;
}

/** Whether the flow was given the end of the message just now, and the store waits for it to be heard. */
function isBeingHeard(mesh: MeshView, messageId: string): boolean {
  return mesh.stores.some(
    (store) =>
      store.messages().some(({ id, state }) => id === messageId && state === 'failed') ||
      store.replies().some((reply) => reply.messageId === messageId && reply.read),
  );
}

/** What the flows hold, by consumer: read, not yet answered, and not yet given up by its producer. */
function countUnanswered(mesh: MeshView): Map<string, number> {
  const current = new Map(mesh.consumers.map(({ plan, attachment }) => [plan.id, attachment]));
  const unanswered = new Map<string, number>();
  for (const entry of mesh.ledger.entries.values()) {
    if (entry.producer.sendOnly || mesh.nowMs >= entry.deadlineAtMs || entry.outcomes.length > 0) continue;
    for (const { consumer, attachment, replies } of entry.deliveries) {
      if (replies.length > 0 || current.get(consumer.id) !== attachment) continue;
      unanswered.set(consumer.id, (unanswered.get(consumer.id) ?? 0) + 1);
    }
  }
  return unanswered;
}

/** What the stores have assigned, by consumer: notified, read or being answered. */
function countOutstanding(mesh: MeshView): Map<string, number> {
  const outstanding = new Map<string, number>();
  for (const store of mesh.stores) {
    for (const row of store.notifies()) {
      const over = (mesh.ledger.entries.get(row.messageId)?.deadlineAtMs ?? 0) <= mesh.nowMs;
      if (over || row.state === 'replying' || (row.sendOnly && row.state === 'read')) continue;
      outstanding.set(row.consumerId, (outstanding.get(row.consumerId) ?? 0) + 1);
    }
  }
  return outstanding;
}

function unfaithful(entry: Entry): string | undefined {
  for (const delivery of entry.deliveries) {
    if (delivery.payload !== entry.payload) {
      return `${describe(entry)} was sent as ${entry.payload}, delivered as ${delivery.payload}`;
    }
    if (delivery.consumer.service !== entry.producer.service) {
      return `${describe(entry)} for ${entry.producer.service} went to ${delivery.consumer.service}`;
    }
  }
  for (const outcome of entry.outcomes) {
    if (outcome.preserved !== entry.preserved)
      return `${describe(entry)} preserved ${entry.preserved}, got ${outcome.preserved}`;
    if (outcome.kind === 'failure') continue;
    const sent = entry.deliveries.some((delivery) => delivery.replies.includes(outcome.content));
    if (!sent) return `${describe(entry)} got a reply that nobody sent: ${outcome.content}`;
  }
  const falselyUnread = entry.outcomes.some((outcome) => outcome.kind === 'failure' && !outcome.read);
  if (falselyUnread && entry.deliveries.length > 0)
    return `${describe(entry)} was read, its failure denies it`;
  return undefined;
}

/** A message and its life in one line. */
export function describe(entry: Entry): string {
  const deliveries = entry.deliveries.map(
    (delivery) => `${delivery.consumer.id}@${delivery.atMs.toFixed(1)}`,
  );
  const outcomes = entry.outcomes.map(
    (outcome) => `${outcome.kind} ${outcome.content}@${outcome.atMs.toFixed(1)}`,
  );
  const life = [
    `accepted@${entry.acceptedAtMs.toFixed(1)}`,
    `deadline@${entry.deadlineAtMs.toFixed(1)}`,
    ...deliveries.map((delivery) => `delivered to ${delivery}`),
    ...outcomes,
  ];
  const kind = entry.producer.sendOnly ? 'sendOnly ' : '';
  return `${kind}message ${entry.id} of ${entry.producer.id} for ${entry.producer.service} (${life.join(', ')})`;
}
