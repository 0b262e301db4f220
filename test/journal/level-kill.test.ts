import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { LevelJournal } from '../../src/journal/level.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { SeededRandom } from '../simulation/seeded-random.js';
import { hasCode, readAll } from './compliance.js';

const WRITER = join(import.meta.dirname, 'level-writer.ts');

/** Lives of the writing process, all on one journal. */
const ROUNDS = 8;
/** Most writes that a life gets fulfilled before it is ended; some end before their first. */
const MOST_WRITES = 1_500;

/** What the dead process had been promised, by id; an id with a write of unknown outcome is not in it. */
type Promised = Map<string, 'there' | 'gone'>;

describe('LevelJournal in a process that is killed', () => {
  let folder: string;
  const random = new SeededRandom('kill');

  before(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'redlink-journal-')), 'journal');
  });

  after(() => rm(join(folder, '..'), { recursive: true }));

  const journal = (): LevelJournal =>
    new LevelJournal({ folder, level: 'crash-safe', clock: new SystemClock(), log: SILENT_LOG });

  function startWriter(level: string, seed: string): ChildProcess & { stdout: Readable } {
    const args = ['--import', 'tsx', WRITER, folder, level, seed];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** Lets a process write, kills it in the middle, and notes what it had printed. */
  async function liveAndDie(round: number, promised: Promised): Promise<void> {
    const writer = startWriter(round % 2 === 0 ? 'crash-safe' : 'power-safe', `life${String(round)}`);
    const exited = once(writer, 'exit');
    let left = random.whole(0, MOST_WRITES);
    for await (const line of createInterface({ input: writer.stdout })) {
      const [done, id = ''] = line.split(' ');
      promised.set(id, done === 'put' ? 'there' : 'gone');
      if (left-- === 0) writer.kill('SIGKILL');
    }
    assert.deepEqual(await exited, [null, 'SIGKILL']);
  }

  it('has every write that was fulfilled, and none in part', async function () {
    this.timeout(ROUNDS * 20_000);
    const promised: Promised = new Map();
    for (let round = 0; round < ROUNDS; round++) {
      await liveAndDie(round, promised);
      const subject = journal();
      const { setAside } = await subject.open();
      assert.equal(setAside, undefined);
      const found = await readAll(subject, 'message');
      assert.deepEqual(await readAll(subject, 'mark'), found, 'a write was carried out in part');
      await subject.close();

      const ids = new Set(found.map(({ id }) => id));
      for (const { id, value } of found) assert.match(value, new RegExp(`^${id} x*$`));
      // A removal that was under way at the kill may have been carried out.
      const lost = [...promised].filter(([id, state]) => state === 'there' && !ids.has(id));
      const perhaps = lastOfEachCaller(promised);
      assert.deepEqual(
        lost.filter(([id]) => !perhaps.has(id)),
        [],
        `round ${String(round)}`,
      );
      for (const [id] of lost) promised.set(id, 'gone');
      const back = [...promised].filter(([id, state]) => state === 'gone' && ids.has(id));
      assert.deepEqual(back, [], `round ${String(round)}`);
    }
    assert.ok(promised.size > ROUNDS);
  });

  it('is free again after the kill, and was not before', async function () {
    this.timeout(60_000);
    const writer = startWriter('crash-safe', 'holder');
    const exited = once(writer, 'exit');
    await once(writer.stdout, 'data');
    writer.stdout.resume();
    const second = journal();
    await assert.rejects(second.open(), (thrown) => {
      assert.ok(hasCode('JOURNAL_LOCKED')(thrown));
      assert.ok(String(thrown).includes(folder), String(thrown));
      return true;
    });
    writer.kill('SIGKILL');
    await exited;
    assert.deepEqual((await second.open()).setAside, undefined);
    await second.close();
  });
});

/** The ids of which a caller may have had a removal under way: its last. */
function lastOfEachCaller(promised: Promised): Set<string> {
  const last = new Map<string, string>();
  for (const id of promised.keys()) last.set(id.slice(0, id.lastIndexOf('-')), id);
  return new Set(last.values());
}
