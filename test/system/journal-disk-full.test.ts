import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LevelJournal } from '../../src/journal/level.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { hasCode, readAll } from '../journal/compliance.js';
import { SeededRandom } from '../simulation/seeded-random.js';

const DISK_BYTES = 64 * 1_048_576;
/** What a file on the disk leaves free for the journal until it is removed. */
const FREE_BYTES = 8 * 1_048_576;
/** Callers that write at a time. */
const CALLERS = 8;
/** Failures that each caller sees before there is room again. */
const FAILURES = 5;
const MOST_CHARACTERS = 60_000;
/** Times that the disk gets full and has room again. */
const ROUNDS = 2;
const TEST_LIMIT_MS = 120_000;

describe('the journal on a disk that gets full', function () {
  this.timeout(TEST_LIMIT_MS);
  const disk = mkdtempSync(join(tmpdir(), 'redlink-full-'));
  const ballast = join(disk, 'ballast');
  const folder = join(disk, 'journal');
  /** Messages by id, as they must be found. */
  const accepted = new Map<string, string>();

  beforeEach(() => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(DISK_BYTES)}`, 'tmpfs', disk]);
  });

  afterEach(() => {
    // A journal that a failed test left open must not keep the disk.
    execFileSync('umount', ['--lazy', disk]);
    accepted.clear();
  });

  after(() => {
    rmSync(disk, { recursive: true });
  });

  const open = async (level: LevelJournal['level']): Promise<LevelJournal> => {
    const journal = new LevelJournal({ folder, level, clock: new SystemClock(), log: SILENT_LOG });
    const { setAside } = await journal.open();
    assert.equal(setAside, undefined);
    return journal;
  };

  const fillUp = (): void => {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - FREE_BYTES)));
  };

  /** Fills what the ballast has left, to the last byte. */
  const fillToTheBrim = (): void => {
    const more = (): void => {
      writeFileSync(ballast, Buffer.alloc(4_096), { flag: 'a' });
    };
    assert.throws(() => {
      for (;;) more();
    }, /ENOSPC/);
  };

  const makeRoom = (): void => {
    rmSync(ballast);
  };

  /** Writes until it has failed often enough, and notes what was accepted. */
  async function writeUntilFull(journal: LevelJournal, random: SeededRandom, name: string): Promise<void> {
    for (let number = 0, failures = 0; failures < FAILURES; number++) {
      const id = `${name}-${String(number)}`;
      const value = `${id} ${'x'.repeat(random.whole(0, MOST_CHARACTERS))}`;
      try {
        await journal.write([{ put: 'message', id, value }]);
        accepted.set(id, value);
      } catch (thrown) {
        assert.ok(hasCode('JOURNAL_IO')(thrown));
        assert.match(String(thrown), /the disk is full/);
        failures += 1;
      }
    }
  }

  async function holdsWhatWasAccepted(journal: LevelJournal): Promise<void> {
    const found = await readAll(journal, 'message');
    assert.deepEqual(
      found.map(({ id }) => id),
      [...accepted.keys()].sort(),
    );
    for (const { id, value } of found) assert.equal(value, accepted.get(id));
  }

  /** Space for the next round, as when messages are delivered. */
  async function removeAll(journal: LevelJournal): Promise<void> {
    await journal.write([...accepted.keys()].map((id) => ({ remove: 'message', id })));
    accepted.clear();
    await holdsWhatWasAccepted(journal);
  }

  for (const level of ['crash-safe', 'power-safe'] as const) {
    it(`refuses what does not fit, keeps what it has, and recovers by itself (${level})`, async () => {
      const random = new SeededRandom(level);
      let journal = await open(level);
      for (let round = 0; round < ROUNDS; round++) {
        fillUp();
        const callers = Array.from({ length: CALLERS }, (_item, caller) => {
          const name = `${String(round)}-${String(caller)}`;
          return writeUntilFull(journal, random.fork(name), name);
        });
        await Promise.all(callers);
        makeRoom();
        await journal.write([{ put: 'mark', id: 'room', value: String(round) }]);
        await holdsWhatWasAccepted(journal);
        await journal.close();
        journal = await open(level);
        await holdsWhatWasAccepted(journal);
        await removeAll(journal);
      }
      await journal.close();
    });
  }

  it('is not taken for damaged at a start on a full disk, and opens as soon as there is room', async () => {
    let journal = await open('crash-safe');
    fillUp();
    await writeUntilFull(journal, new SeededRandom('start'), 'start');
    fillToTheBrim();
    await journal.close();
    for (let times = 0; times < 3; times++) {
      await assert.rejects(open('crash-safe'), (thrown) => {
        assert.ok(hasCode('JOURNAL_IO')(thrown), String(thrown));
        assert.match(String(thrown), /the disk is full/);
        return true;
      });
    }
    makeRoom();
    journal = await open('crash-safe');
    await holdsWhatWasAccepted(journal);
    await removeAll(journal);
    await journal.close();
  });
});
