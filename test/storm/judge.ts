/** Judges the ledgers of a storm by what is promised of a message (docs/RELIABILITY.md, "The promise"). */
import type { Entry, Kind } from './ledger.js';

/** What became of the messages, in numbers. */
export interface Verdict {
  readonly accepted: number;
  /** Messages that a store did not take, and said so. */
  readonly refused: number;
  readonly replied: number;
  readonly failed: number;
  /** Send-only messages that were read. */
  readonly confirmed: number;
  /** Deliveries and replies that came again, all of them flagged. */
  readonly repeated: number;
  /**
   * Send-only messages that count as read and that no flow has noted: their consumer's process died between the two. It is the
   * "at most once" of send-only.
   */
  readonly readInVain: number;
  /** What must not be, one line each. */
  readonly wrong: readonly string[];
}

/** One message as the ledgers tell its story, in order. */
interface Story {
  kind: Kind | undefined;
  refused: boolean;
  readonly deliveries: number[];
  readonly replies: boolean[];
  readonly failures: { readonly code: string; readonly read: boolean }[];
}

/** @param entries of all processes; those of one process in their order */
export function judge(entries: readonly Entry[]): Verdict {
  const stories = storiesOf(entries);
  const wrong: string[] = [];
  const sum = { accepted: 0, refused: 0, replied: 0, failed: 0, confirmed: 0, repeated: 0, readInVain: 0 };
  for (const [number, story] of stories) {
    for (const what of wrongWith(story))
      wrong.push(`message ${number} (${story.kind ?? 'not accepted'}): ${what}`);
    sum.accepted += story.kind === undefined ? 0 : 1;
    sum.refused += story.refused ? 1 : 0;
    sum.replied += Math.min(1, story.replies.length);
    sum.failed += Math.min(1, story.failures.length);
    sum.repeated += Math.max(0, story.deliveries.length - 1) + Math.max(0, story.replies.length - 1);
    if (story.kind !== 'sendOnly' || story.failures.length > 0) continue;
    sum.confirmed += 1;
    if (story.deliveries.length === 0) sum.readInVain += 1;
  }
  return { ...sum, wrong };
}

/**
 * A send-only message is read in vain where a kill falls between its confirmation and its flow: seldom with one process dead, more
 * often with two. More of them than kills cannot come from that, but would be messages that a store has lost.
 * @param perKill where there are few kills: as many as travel together may fall into one of them
 */
export function tooManyInVain({ readInVain }: Verdict, kills: number, perKill = 1): readonly string[] {
  return readInVain <= kills * perKill
    ? []
    : [`${readInVain} send-only messages were read in vain in ${kills} kills`];
}

/** What is wrong where no store has a reason to refuse anything. */
export function refusedOf({ refused }: Verdict): readonly string[] {
  return refused === 0 ? [] : [`${refused} messages were refused`];
}

function storiesOf(entries: readonly Entry[]): ReadonlyMap<number, Story> {
  const stories = new Map<number, Story>();
  for (const entry of entries) {
    const story = stories.get(entry.number) ?? {
      kind: undefined,
      refused: false,
      deliveries: [],
      replies: [],
      failures: [],
    };
    stories.set(entry.number, story);
    switch (entry.saw) {
      case 'accepted':
        story.kind = entry.kind;
        break;
      case 'refused':
        story.refused = true;
        break;
      case 'received':
        story.deliveries.push(entry.delivery);
        break;
      case 'reached':
      case 'answered':
      case 'returned':
        break;
      case 'replied':
        story.replies.push(entry.mayRepeat);
        break;
      case 'failed':
        story.failures.push(entry);
        break;
    }
  }
  return stories;
}

function wrongWith(story: Story): string[] {
  const { kind, refused, deliveries, replies, failures } = story;
  if (refused && (kind !== undefined || deliveries.length + replies.length + failures.length > 0))
    return ['it was refused, and went on all the same'];
  // Its process died before it was told: what became of it is left open.
  if (kind === undefined) return replies.length > 0 && failures.length > 0 ? ['it has two ends'] : [];
  const wrong: string[] = [];
  const ends = Math.min(1, replies.length) + Math.min(1, failures.length);
  if (kind === 'sendOnly') {
    if (replies.length > 0) wrong.push('it was replied to');
    if (failures.some(({ read }) => read)) wrong.push('it failed although it was read');
  } else if (ends !== 1) {
    wrong.push(ends === 0 ? 'it is lost' : 'it has two ends');
  }
  if (kind !== 'redeliver' && deliveries.length > 1)
    wrong.push(`it was delivered ${deliveries.length} times`);
  if (deliveries.slice(1).some((delivery) => delivery < 2)) wrong.push('a repeated delivery is not flagged');
  if (replies.slice(1).some((mayRepeat) => !mayRepeat)) wrong.push('a repeated reply is not flagged');
  for (const { code, read } of failures) {
    if (code !== 'CONSUMER_LOST') wrong.push(`it failed with ${code}`);
    else if (!read) wrong.push('its consumer was lost unread, and it failed all the same');
  }
  return wrong;
}
