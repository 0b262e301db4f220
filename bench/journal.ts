/**
 * How fast the journal on disk is: small writes by many callers at once, at both levels; and how long
 * a store waits at its start for the messages of the process before it. Prints figures by the clock on
 * the wall, because a disk has no other; the disk under the system's temporary folder is what counts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LevelJournal } from '../src/journal/level.js';
import type { JournalWrite } from '../src/journal/port.js';
import { SILENT_LOG } from '../src/support/log.js';
import { SystemClock } from '../src/support/system-clock.js';

/** Callers that each write, wait for it, and write again. */
const CALLERS = [1, 64];
/** How long the callers go on. */
const WRITING_MS = 3_000;
/** A message with little in it. */
const SMALL_VALUE = JSON.stringify({ service: 'bench', text: 'x'.repeat(200) });
/** What comes back after a restart (docs: 100,000 messages of 1 kB in less than 3 s). */
const MESSAGES = 100_000;
const MESSAGE_VALUE = JSON.stringify({ text: 'x'.repeat(1_000) });
/** Messages in one call while the journal is filled. */
const FILL_WRITES = 500;
const MS_PER_SECOND = 1_000;

type Level = LevelJournal['level'];

const base = await mkdtemp(join(tmpdir(), 'redlink-bench-'));
const clock = new SystemClock();

function journal(level: Level, name: string): LevelJournal {
  return new LevelJournal({ folder: join(base, name), level, clock, log: SILENT_LOG });
}

/** A message comes and goes, as in a store: every other write removes what the one before put. */
async function call(subject: LevelJournal, caller: number, until: number): Promise<number> {
  let writes = 0;
  for (; performance.now() < until; writes++) {
    const id = `${caller}-${writes - (writes % 2)}`;
    const write: JournalWrite =
      writes % 2 === 0 ? { put: 'message', id, value: SMALL_VALUE } : { remove: 'message', id };
    await subject.write([write]);
  }
  return writes;
}

async function measureWrites(level: Level, callers: number): Promise<void> {
  const subject = journal(level, `${level}-${callers}`);
  await subject.open();
  const start = performance.now();
  const counts = await Promise.all(
    Array.from({ length: callers }, (_item, caller) => call(subject, caller, start + WRITING_MS)),
  );
  const seconds = (performance.now() - start) / MS_PER_SECOND;
  const closing = performance.now();
  await subject.close();
  const rate = counts.reduce((sum, count) => sum + count, 0) / seconds;
  console.log(
    `${level}, ${callers} callers: ${Math.round(rate)} writes/s, closed in ${Math.round(performance.now() - closing)} ms`,
  );
}

async function measureReading(): Promise<void> {
  const before = journal('crash-safe', 'reading');
  await before.open();
  for (let first = 0; first < MESSAGES; first += FILL_WRITES) {
    await before.write(
      Array.from({ length: FILL_WRITES }, (_item, index) => ({
        put: 'message' as const,
        id: String(first + index).padStart(8, '0'),
        value: MESSAGE_VALUE,
      })),
    );
  }
  await before.close();

  const after = journal('crash-safe', 'reading');
  const start = performance.now();
  await after.open();
  const opened = performance.now();
  let count = 0;
  for await (const { value } of after.read('message')) count += value === MESSAGE_VALUE ? 1 : 0;
  const end = performance.now();
  await after.close();
  console.log(
    `${count} messages of ${MESSAGE_VALUE.length} bytes: opened and checked in ${Math.round(opened - start)} ms, ` +
      `read in ${Math.round(end - opened)} ms, together ${Math.round(end - start)} ms`,
  );
}

try {
  for (const level of ['crash-safe', 'power-safe'] as const) {
    for (const callers of CALLERS) await measureWrites(level, callers);
  }
  await measureReading();
} finally {
  await rm(base, { recursive: true });
}
