import { inconsistency } from '../index-check.js';
import { type Story, tell } from './story.js';
import type { CrashWorld } from './world.js';

/** How late a deadline may be noticed, ms. A failure is written down first, however slow the disk is. */
const DEADLINE_TOLERANCE_MS = 250;

export interface CrashRule {
  readonly name: string;
  readonly says: string;
  /** What breaks the rule; undefined: nothing. */
  violation(world: CrashWorld): string | undefined;
}

/** A rule on each message by itself. */
function each(
  name: string,
  says: string,
  broken: (story: Story, world: CrashWorld) => string | false | undefined,
): CrashRule {
  return {
    name,
    says,
    violation: (world) => {
      for (const story of world.flows.stories.values()) {
        const what = story.excused ? undefined : broken(story, world);
        if (what !== undefined && what !== false) return `${tell(story)}: ${what}`;
      }
      return undefined;
    },
  };
}

/** Hold after every step. */
export const AFTER_EACH_STEP: readonly CrashRule[] = [
  each(
    'nothing lost',
    'A message that was accepted is in its store, or on its disk, until it has ended.',
    (story, world) =>
      story.acceptedAtMs !== undefined && !isOver(story) && !isKept(story, world) && 'is lost',
  ),
  each(
    'answered once',
    'A producer gets one reply, however often it gets it: another only to a redelivery after a death at the first.',
    ({ ends, blurred, producer, deathsAtEnd }) => {
      const replies = new Set(ends.filter(({ kind }) => kind !== 'failure').map(({ content }) => content));
      const allowed = 1 + (producer.redeliver ? deathsAtEnd : 0);
      return !blurred && replies.size > allowed && `has ${replies.size} replies`;
    },
  ),
  each(
    'one end',
    'A message has one end. It may come again only where the process died just after it, and a reply says so.',
    ({ ends, deathsAtEnd, producer, blurred }) => {
      if (ends.length > 1 + deathsAtEnd) return `ended ${ends.length} times`;
      if (producer.sendOnly && ends.some(({ kind }) => kind !== 'failure'))
        return 'is sendOnly and got a reply';
      const silent = ends.slice(1).some(({ kind, mayRepeat }) => kind !== 'failure' && !mayRepeat);
      return silent && !blurred && 'its reply came again without saying so';
    },
  ),
  each(
    'faithful delivery',
    'Payloads arrive as they were sent, replies as a consumer gave them, and a failure says truly that nobody had it.',
    unfaithful,
  ),
  each(
    'repeats',
    'A message is given to a flow again only if its producer allows it, says so, and not more often than allowed.',
    ({ deliveries, producer, blurred }) => {
      if (blurred) return undefined;
      const allowed = producer.redeliver ? producer.maxDeliver : 1;
      if (deliveries.length > allowed) return `was delivered ${deliveries.length} times`;
      if (deliveries.some(({ count }) => count > allowed)) return 'counts more deliveries than are allowed';
      const counts = deliveries.map(({ count }) => count);
      return (
        counts.some((count, index) => index > 0 && count <= (counts[index - 1] ?? 0)) &&
        'was repeated in silence'
      );
    },
  ),
  each(
    'deadline',
    'A message that is not answered by its deadline fails within 250 ms of it, or of the start of its process.',
    (story, world) => {
      const living = world.living.get(story.producer.store);
      const disk = world.plan.disks[story.producer.store];
      if (living === undefined || disk === undefined || story.acceptedAtMs === undefined || isOver(story))
        return undefined;
      if (living.store.engine.replies.get(story.id) !== undefined) return undefined;
      const dueMs = Math.max(story.sentAtMs + story.producer.lifetimeMs, living.startedAtMs);
      // One access may be under way when it is due, the failure's own comes after it.
      const slowMs = 2 * (disk.commitMs + disk.answerMs);
      return world.clock.now() > dueMs + DEADLINE_TOLERANCE_MS + slowMs && 'outlives its deadline';
    },
  ),
  {
    name: 'consistent indexes',
    says: "The engine's indexes agree with its tables.",
    violation: (world) => {
      for (const { store } of world.living.values()) {
        const trouble = inconsistency(store.engine);
        if (trouble !== undefined) return `${store.name}: ${trouble}`;
      }
      return world.flows.strange[0];
    },
  },
];

/** Hold when all is over. */
export const IN_THE_END: readonly CrashRule[] = [
  each(
    'progress',
    'Every message that was accepted has ended.',
    (story) => story.acceptedAtMs !== undefined && !isOver(story) && 'never ends',
  ),
  {
    name: 'nothing left',
    says: 'No rows, no records, no files.',
    violation: (world) => {
      for (const { store, disk } of world.living.values()) {
        const { messages, notifies, replies } = store.engine;
        const left = { messages: messages.size, notifies: notifies.size, replies: replies.rows().length };
        const all = { ...left, records: disk.size, files: disk.payloads.size };
        const some = Object.entries(all).filter(([, count]) => count > 0);
        if (some.length > 0)
          return `${store.name} still has ${some.map(([what, count]) => `${count} ${what}`).join(', ')}`;
      }
      return undefined;
    },
  },
];

/**
 * Whether nothing more is owed. A sendOnly message is over when it was read: whether a flow saw it is
 * another matter where the consumer's process died in that moment.
 */
function isOver({ ends, producer, deliveries, takenOff, consumersDied }: Story): boolean {
  if (ends.length > 0) return true;
  return producer.sendOnly && (deliveries.length > 0 || takenOff || consumersDied);
}

function isKept({ id, producer }: Story, { living, disks }: CrashWorld): boolean {
  const store = living.get(producer.store)?.store;
  return store === undefined ? disks[producer.store]?.has(id) === true : store.engine.messages.has(id);
}

function unfaithful({ deliveries, ends, payload, blurred }: Story): string | undefined {
  const wrong = deliveries.find((delivery) => delivery.payload !== payload);
  if (wrong !== undefined) return `was sent as ${payload}, delivered as ${wrong.payload}`;
  for (const end of ends) {
    if (end.kind === 'failure') {
      if (!end.read && deliveries.length > 0 && !blurred) return 'was read, its failure denies it';
    } else if (!deliveries.some(({ replies }) => replies.includes(end.content))) {
      return `got a reply that nobody sent: ${end.content}`;
    }
  }
  return undefined;
}
