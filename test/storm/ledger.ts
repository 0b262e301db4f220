/**
 * What the flows of a storm saw, line by line in a file of each process. A line is written before anything else happens and
 * in one go, so that the death of the process loses none and halves none.
 */
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';

/** How the messages of a storm are sent: each kind has its own promise (docs/RELIABILITY.md). */
export const KINDS = ['redeliver', 'once', 'sendOnly'] as const;
export type Kind = (typeof KINDS)[number];

const entry = z.discriminatedUnion('saw', [
  /** The producer was told that its store has the message. */
  z.object({ saw: z.literal('accepted'), number: z.number(), kind: z.enum(KINDS) }),
  /** The consumer's flow got it. */
  z.object({ saw: z.literal('received'), number: z.number(), delivery: z.number() }),
  /** The producer's flow got the reply. */
  z.object({ saw: z.literal('replied'), number: z.number(), mayRepeat: z.boolean() }),
  /** The producer's flow got the failure. */
  z.object({ saw: z.literal('failed'), number: z.number(), code: z.string(), read: z.boolean() }),
]);
export type Entry = z.infer<typeof entry>;

/** Appends to the ledger of a process. */
export class LedgerWriter {
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  note(what: Entry): void {
    writeSync(this.file, `${JSON.stringify(what)}\n`);
  }
}

/** All that stands in a ledger; nothing where there is none yet. */
export function readLedger(path: string): Entry[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => entry.parse(JSON.parse(line)));
}
