/**
 * A process that writes to a journal until it is killed, and prints each write once it is fulfilled.
 * Started by `level-kill.test.ts`: `level-writer.ts FOLDER LEVEL SEED`.
 */
import { LevelJournal } from '../../src/journal/level.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { SeededRandom } from '../simulation/seeded-random.js';

/** Writes under way at a time. */
const CALLERS = 16;
/** Longest value: some of them fill a block of the log. */
const MOST_CHARACTERS = 3_000;

const [folder = '', level, seed = ''] = process.argv.slice(2);
const journal = new LevelJournal({
  folder,
  level: level === 'power-safe' ? level : 'crash-safe',
  clock: new SystemClock(),
  log: SILENT_LOG,
});

/** A message with its mark, in one write; some of them go again, in one write too. */
async function writeForever(random: SeededRandom, caller: string): Promise<never> {
  for (let number = 0; ; number++) {
    const id = `${seed}-${caller}-${String(number)}`;
    const value = `${id} ${'x'.repeat(random.whole(0, MOST_CHARACTERS))}`;
    await journal.write([
      { put: 'message', id, value },
      { put: 'mark', id, value },
    ]);
    // A pipe takes this at once: what is printed is printed, whatever becomes of the process.
    process.stdout.write(`put ${id}\n`);
    if (!random.chance(30)) continue;
    await journal.write([
      { remove: 'message', id },
      { remove: 'mark', id },
    ]);
    process.stdout.write(`removed ${id}\n`);
  }
}

await journal.open();
const random = new SeededRandom(seed);
await Promise.all(
  Array.from({ length: CALLERS }, (_item, caller) =>
    writeForever(random.fork(String(caller)), String(caller)),
  ),
);
