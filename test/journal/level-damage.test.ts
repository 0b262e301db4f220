import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ClassicLevel } from 'classic-level';
import { LevelJournal } from '../../src/journal/level.js';
import type { JournalOpening, JournalRecord } from '../../src/journal/port.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { SeededRandom } from '../simulation/seeded-random.js';
import { ManualClock } from '../support/manual-clock.js';
import { readAll } from './compliance.js';

/** Messages in the journal's table, from an earlier life, and in its log, from the last one. */
const IN_TABLE = 300;
const IN_LOG = 300;
/** Damaged copies in the property test. */
const ROUNDS = 60;
/** LevelDB's logs are made of blocks of this size. */
const BLOCK_BYTES = 32_768;
/** Bytes of garbage in one place. */
const GARBAGE_BYTES = 40;

const messages: readonly JournalRecord[] = Array.from({ length: IN_TABLE + IN_LOG }, (_item, index) => ({
  id: String(index).padStart(4, '0'),
  value: JSON.stringify({ index, text: 'message '.repeat(40) }),
}));

describe('LevelJournal on files that are not as it left them', () => {
  let base: string;
  /** An undamaged journal, copied for each test. */
  let sound: string;
  let folder: string;

  const journal = (at = folder): LevelJournal =>
    new LevelJournal({ folder: at, level: 'crash-safe', clock: new ManualClock(), log: SILENT_LOG });

  /** One life of a process, in which it writes some messages one by one. */
  async function live(at: string, written: readonly JournalRecord[]): Promise<void> {
    const subject = journal(at);
    await subject.open();
    for (const { id, value } of written) await subject.write([{ put: 'message', id, value }]);
    await subject.close();
  }

  /** Opens what is in the folder. */
  async function look(): Promise<{ opening: JournalOpening; found: JournalRecord[] }> {
    const subject = journal();
    const opening = await subject.open();
    const found = await readAll(subject, 'message');
    await subject.close();
    return { opening, found };
  }

  async function file(pattern: RegExp): Promise<string> {
    const name = (await readdir(folder)).find((each) => pattern.test(each));
    assert.ok(name !== undefined, `no file like ${String(pattern)}`);
    return join(folder, name);
  }

  async function overwrite(path: string, at: number, bytes: Uint8Array): Promise<void> {
    const content = await readFile(path);
    content.set(bytes.subarray(0, content.length - at), at);
    await writeFile(path, content);
  }

  /** The journal says why it began anew, and every byte of what was there lies beside it. */
  async function isSetAside(why: RegExp): Promise<void> {
    const before = new Map<string, Buffer>();
    for (const name of await readdir(folder)) {
      if (/^(\d+\..*|MANIFEST.*|CURRENT)$/.test(name)) before.set(name, await readFile(join(folder, name)));
    }
    const { opening, found } = await look();
    assert.match(opening.setAside?.why ?? 'nothing was set aside', why);
    assert.deepEqual(found, []);
    const aside = opening.setAside?.folder ?? '';
    assert.ok(aside.startsWith(`${folder}.set-aside-`), aside);
    for (const [name, bytes] of before) {
      // What LevelDB had sorted into a table before the damage showed is there under another name.
      const now = await readFile(join(aside, name)).catch(() => undefined);
      if (now === undefined) assert.match(name, /^(\d+\.log|MANIFEST.*)$/);
      else if (name !== 'CURRENT') assert.deepEqual(now, bytes);
    }
    await live(folder, messages.slice(0, 2));
    assert.deepEqual(await look(), { opening: { liesAside: true }, found: messages.slice(0, 2) });
  }

  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'redlink-journal-'));
    sound = join(base, 'sound');
    await live(sound, messages.slice(0, IN_TABLE));
    await live(sound, messages.slice(IN_TABLE));
  });

  after(() => rm(base, { recursive: true }));

  beforeEach(async () => {
    folder = join(base, `copy-${String((await readdir(base)).length)}`);
    await cp(sound, folder, { recursive: true });
  });

  const garbage = Buffer.alloc(GARBAGE_BYTES, '\u00a7garbage');

  it('finds all in an undamaged copy', async () => {
    assert.deepEqual(await look(), { opening: {}, found: messages });
  });

  it('sets it aside where CURRENT is missing', async () => {
    await rm(join(folder, 'CURRENT'));
    await isSetAside(/CURRENT is missing/);
  });

  it('sets it aside where CURRENT is overwritten', async () => {
    await writeFile(join(folder, 'CURRENT'), '../../elsewhere\n');
    await isSetAside(/CURRENT is damaged/);
  });

  it('sets it aside where the MANIFEST is missing', async () => {
    await rm(await file(/^MANIFEST/));
    await isSetAside(/MANIFEST-\d+ is missing/);
  });

  it('sets it aside where the MANIFEST is overwritten', async () => {
    await overwrite(await file(/^MANIFEST/), 0, garbage);
    await isSetAside(/MANIFEST-\d+ is damaged/);
  });

  it('sets it aside where the MANIFEST is empty', async () => {
    await truncate(await file(/^MANIFEST/), 0);
    await isSetAside(/MANIFEST-\d+ is damaged/);
  });

  it('sets it aside where the MANIFEST has lost its end, and with it what it says of later files', async () => {
    const manifest = await file(/^MANIFEST/);
    const { length } = await readFile(manifest);
    // Its first edit alone is whole then.
    await truncate(manifest, length - 1);
    await isSetAside(/MANIFEST-\d+ (has been cut short|is damaged)/);
  });

  it('sets it aside where the log has garbage in its middle', async () => {
    const log = await file(/\.log$/);
    await overwrite(log, Math.floor((await readFile(log)).length / 2), garbage);
    await isSetAside(/\d+\.log is damaged at byte \d+/);
  });

  it('sets it aside where a log of a single block has garbage in its middle', async () => {
    await rm(folder, { recursive: true });
    await live(folder, messages.slice(0, 10));
    await overwrite(await file(/\.log$/), 2_000, garbage);
    await isSetAside(/\d+\.log is damaged at byte \d+/);
  });

  it('sets it aside where the log has garbage up to the end of a block', async () => {
    await overwrite(await file(/\.log$/), 10_000, Buffer.alloc(BLOCK_BYTES - 10_000, 'x'));
    await isSetAside(/\d+\.log is damaged at byte \d+/);
  });

  it('sets it aside where the log is missing', async () => {
    await rm(await file(/\.log$/));
    await isSetAside(/log \d+ is missing/);
  });

  it('sets it aside where a table has garbage', async () => {
    const table = await file(/\.ldb$/);
    await overwrite(table, 2_000, garbage);
    await isSetAside(/altered|Corruption/);
  });

  it('sets it aside where a table is cut short', async () => {
    await truncate(await file(/\.ldb$/), 5_000);
    await isSetAside(/Corruption|Invalid argument/);
  });

  it('sets it aside where a table is missing', async () => {
    await rm(await file(/\.ldb$/));
    await isSetAside(/missing files/);
  });

  it('goes on without the last write where that is not whole, and says so', async () => {
    const log = await file(/\.log$/);
    await truncate(log, (await readFile(log)).length - 3);
    const { opening, found } = await look();
    assert.match(opening.cutOff ?? 'nothing', /\.log is not whole after byte \d+/);
    // The last thing in the log is what closing flushed with, no message.
    assert.deepEqual(found, messages);
  });

  it('goes on without what a disk had not written when the power went, and says so', async () => {
    const log = await file(/\.log$/);
    const { length } = await readFile(log);
    await overwrite(log, length - 8_192, Buffer.alloc(8_192));
    const { opening, found } = await look();
    assert.match(opening.cutOff ?? 'nothing', /\.log is not whole after byte \d+/);
    assert.ok(found.length > IN_TABLE && found.length < messages.length);
    assert.deepEqual(found, messages.slice(0, found.length));
  });

  it('goes on where a disk had written the end of the log but not its middle, and says so', async () => {
    await overwrite(await file(/\.log$/), 20_000, Buffer.alloc(4_096));
    const { opening, found } = await look();
    assert.match(opening.cutOff ?? 'nothing', /\.log is not whole after byte \d+/);
    assert.ok(found.length > IN_TABLE && found.length < messages.length);
    assert.deepEqual(
      found,
      messages.filter(({ id }) => found.some((each) => each.id === id)),
    );
  });

  const record = (key: string, value: string): [string, string] => [
    key,
    crc32(value, crc32(key)).toString(16).padStart(8, '0') + value,
  ];

  async function putByHand(...records: [key: string, value: string][]): Promise<void> {
    const database = new ClassicLevel(folder);
    for (const [key, value] of records) await database.put(key, value);
    await database.close();
  }

  it('sets a journal of a newer format aside', async () => {
    await putByHand(record('!format', '2'), record('n:new', 'not for us'));
    await isSetAside(/format 2/);
  });

  it('sets aside what holds a record that it did not write', async () => {
    await putByHand(record('x:unknown', '1'));
    await isSetAside(/unknown kind/);
  });

  it('sets aside what holds a record that was altered', async () => {
    await putByHand(['m:0001', 'altered']);
    await isSetAside(/altered/);
  });

  it('sets aside what does not say its format', async () => {
    await rm(folder, { recursive: true });
    await putByHand(record('m:0001', '1'));
    await isSetAside(/does not say which format/);
  });

  it('sets aside one after the other, each in a folder of its own', async () => {
    const asides = new Set<string | undefined>();
    for (let times = 0; times < 3; times++) {
      await live(folder, messages.slice(0, 3));
      await rm(join(folder, 'CURRENT'));
      asides.add((await look()).opening.setAside?.folder);
    }
    assert.equal(asides.size, 3);
    assert.ok(!asides.has(undefined));
  });

  it('passes no damage over in silence, wherever it is', async function () {
    this.timeout(120_000);
    const random = new SeededRandom('damage');
    const names = (await readdir(sound)).filter((name) => /^(\d+\.(log|ldb)|MANIFEST.*)$/.test(name));
    for (let round = 0; round < ROUNDS; round++) {
      const name = random.pick(names);
      folder = join(base, `round-${String(round)}`);
      await cp(sound, folder, { recursive: true });
      const { length } = await readFile(join(folder, name));
      const at = random.whole(0, length - 1);
      const bytes = Buffer.from(
        Array.from({ length: random.whole(1, GARBAGE_BYTES) }, () => random.whole(0, 255)),
      );
      await overwrite(join(folder, name), at, bytes);
      const { opening, found } = await look();
      const what = `round ${String(round)}: ${String(bytes.length)} bytes at ${String(at)} of ${name}`;
      if (opening.setAside !== undefined) assert.deepEqual(found, [], what);
      else if (opening.cutOff !== undefined) {
        assert.ok(found.length >= IN_TABLE, what);
        assert.deepEqual(found, messages.slice(0, found.length), what);
      } else assert.deepEqual(found, messages, what);
    }
  });
});
