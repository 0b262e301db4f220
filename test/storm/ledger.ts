/**
 * What the flows of a storm saw, line by line in a file of each process. A line is written before anything else happens and
 * in one go, so that the death of the process loses none and halves none.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { z } from 'zod';

/** How the messages of a storm are sent: each kind has its own promise (docs/RELIABILITY.md). */
export const KINDS = ['redeliver', 'once', 'sendOnly'] as const;
export type Kind = (typeof KINDS)[number];

/** Kinds take turns. */
export function kindOf(number: number): Kind {
  return KINDS[number % KINDS.length] ?? 'once';
}

/** When it was noted, ms since 1970 by a clock that nobody sets; not every process says. */
const at = z.number().optional();
const number = z.number();

const entry = z.discriminatedUnion('saw', [
  /** The producer was told that its store has the message. */
  z.object({ saw: z.literal('accepted'), number, at, kind: z.enum(KINDS) }),
  /** The producer was told that its store does not take the message. */
  z.object({ saw: z.literal('refused'), number, at, code: z.string() }),
  /** The consumer gave it to its flow. */
  z.object({ saw: z.literal('received'), number, at, delivery: z.number() }),
  /** The node behind the consumer has it: a deploy may have ended that node since the consumer gave it. */
  z.object({ saw: z.literal('reached'), number, at }),
  /** That node has sent its answer. */
  z.object({ saw: z.literal('answered'), number, at }),
  /** The consumer has the answer: a deploy may have ended the consumer since. */
  z.object({ saw: z.literal('returned'), number, at }),
  /** The producer's flow got the reply. */
  z.object({ saw: z.literal('replied'), number, at, mayRepeat: z.boolean() }),
  /** The producer's flow got the failure. */
  z.object({ saw: z.literal('failed'), number, at, code: z.string(), read: z.boolean() }),
]);
export type Entry = z.infer<typeof entry>;

/** What became of a message, and when, to look it up among what the storm did. */
export function storyOf(number: number, entries: readonly Entry[]): string {
  return entries
    .filter((entry) => entry.number === number)
    .map(({ saw, at = 0 }) => `${saw} ${new Date(at).toISOString()}`)
    .join(', ');
}

/** Appends to the ledger of a process. */
export class LedgerWriter {
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  note(what: Entry): void {
    writeSync(this.file, `${JSON.stringify({ ...what, at: performance.timeOrigin + performance.now() })}\n`);
  }
}

/** All that stands in a ledger; nothing where there is none yet. */
export function readLedger(path: string): Entry[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => entry.parse(JSON.parse(line)));
}

const CHUNK_BYTES = 1_048_576;

/** The ledgers of several processes, read again and again while they grow. */
export class GrowingLedgers {
  readonly entries: Entry[] = [];
  /** Accepted messages without an end so far; a send-only message has its end with the flow that gets it. */
  readonly open = new Set<number>();
  /** Messages whose end came before the word that they were accepted. */
  private readonly early = new Set<number>();
  private readonly files: { readonly path: string; place: number; rest: string }[];

  constructor(paths: readonly string[]) {
    this.files = paths.map((path) => ({ path, place: 0, rest: '' }));
  }

  /** Reads what has come since the last time. */
  read(): this {
    for (const file of this.files) {
      if (!existsSync(file.path)) continue;
      const handle = openSync(file.path, 'r');
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const bytes = readSync(handle, chunk, 0, CHUNK_BYTES, file.place);
        if (bytes === 0) break;
        file.place += bytes;
        const lines = (file.rest + chunk.toString('latin1', 0, bytes)).split('\n');
        file.rest = lines.pop() ?? '';
        for (const line of lines) this.add(entry.parse(JSON.parse(line)));
      }
      closeSync(handle);
    }
    return this;
  }

  private add(found: Entry): void {
    this.entries.push(found);
    const { saw, number } = found;
    switch (saw) {
      case 'accepted':
        if (!this.early.delete(number)) this.open.add(number);
        break;
      case 'received':
        if (kindOf(number) === 'sendOnly') this.end(number);
        break;
      case 'replied':
      case 'failed':
        this.end(number);
        break;
      case 'refused':
      case 'reached':
      case 'answered':
      case 'returned':
        break;
    }
  }

  private end(number: number): void {
    if (!this.open.delete(number)) this.early.add(number);
  }
}
