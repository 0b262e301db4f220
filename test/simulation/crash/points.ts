import type { JournalWrite } from '../../../src/journal/port.js';
import type { Verb } from '../../../src/protocol/verbs.js';

/** What is written down, by what it means for the message. */
const RECORDS = [
  'accept',
  'mark read',
  'mark queued',
  'mark failed',
  'reply',
  'end',
  'kept reply',
  'kept reply gone',
] as const;
export type RecordName = (typeof RECORDS)[number];

/** What stores ask each other on the way of a message. */
const VERBS = ['offer', 'confirm', 'read', 'taken', 'reply', 'renew'] as const;

const FLOWS = [
  'accepted',
  'consumer has it',
  'consumer answers',
  'producer has reply',
  'producer has failure',
] as const;

/**
 * Where a process can die, by name. `before X is written`: the disk has nothing of it. `X is written`: the
 * disk has it, nobody was told. `before asking X`, `answer to X`: at the store that asks; `asked X`, `did X`: at
 * the one that is asked, before it does anything about it, and when all is done and the answer is lost.
 */
export type Point =
  | `before ${RecordName} is written`
  | `${RecordName} is written`
  | `${'before asking' | 'answer to' | 'asked' | 'did'} ${Verb['verb']}`
  | (typeof FLOWS)[number];

export const POINTS: readonly Point[] = [
  ...RECORDS.flatMap((name): readonly Point[] => [`before ${name} is written`, `${name} is written`]),
  ...VERBS.flatMap((verb): readonly Point[] => [
    `before asking ${verb}`,
    `answer to ${verb}`,
    `asked ${verb}`,
    `did ${verb}`,
  ]),
  ...FLOWS,
];

/** What a call of the journal is about; undefined: several things, as when a full disk has room again. */
export function recordNameOf(writes: readonly JournalWrite[]): RecordName | undefined {
  const [write] = writes;
  if (write === undefined) return undefined;
  if ('remove' in write) return write.remove === 'keptReply' ? 'kept reply gone' : 'end';
  switch (write.put) {
    case 'message':
      return 'accept';
    case 'reply':
      return 'reply';
    case 'keptReply':
      return 'kept reply';
    case 'mark':
      return markName(write.value);
  }
}

function markName(value: string): RecordName | undefined {
  const names = ['mark read', 'mark queued', 'mark failed'] as const;
  return names.find((name) => value.startsWith(`{"state":"${name.slice('mark '.length)}"`));
}
