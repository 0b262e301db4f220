import assert from 'node:assert/strict';
import { MemoryDisk, MemoryJournal } from '../../src/journal/memory.js';
import type { JournalOpening } from '../../src/journal/port.js';
import { MemoryPayloads } from '../../src/payload/memory.js';
import type { Clock } from '../../src/support/clock.js';
import { CoreMesh, type CoreStore } from '../support/core-mesh.js';

const HERE = '10.0.0.1';

/** A journal that began anew some starts ago. */
class JournalBesideAnother extends MemoryJournal {
  override async open(): Promise<JournalOpening> {
    return { ...(await super.open()), liesAside: true };
  }
}

/** Notes whether what nobody needs was removed. */
class NotingPayloads extends MemoryPayloads {
  swept = false;

  override async sweep(needed: ReadonlySet<string>): Promise<void> {
    this.swept = true;
    await super.sweep(needed);
  }
}

describe('taking back what an earlier life of the store has left', () => {
  let mesh: CoreMesh;
  let disk: MemoryDisk;
  let payloads: NotingPayloads;

  const open = (Journal = MemoryJournal): Promise<CoreStore> =>
    mesh.store(HERE, [], {}, { journal: (clock: Clock) => new Journal({ disk, clock }), payloads });

  /** A store with one message that nobody wants yet dies. */
  async function leaveMessage(): Promise<string> {
    let journal: MemoryJournal | undefined;
    const before = await mesh.store(
      HERE,
      [],
      {},
      {
        journal: (clock) => (journal = new MemoryJournal({ disk, clock })),
        payloads,
      },
    );
    const messageId = before.producer().send();
    await mesh.clock.advance(100);
    mesh.kill(before, HERE);
    journal?.crash();
    payloads.swept = false;
    return messageId;
  }

  beforeEach(() => {
    mesh = new CoreMesh();
    disk = new MemoryDisk();
    payloads = new NotingPayloads();
  });
  afterEach(() => mesh.close());

  it('gives a message out that nobody has read', async () => {
    await leaveMessage();
    const { received } = (await open()).consumer();
    await mesh.clock.advance(1_000);
    assert.equal(received.length, 1);
  });

  for (const [what, kind, value] of [
    ['a mark', 'mark', '{"state":"of a release to come"}'],
    ['a mark that is no JSON', 'mark', 'x'],
    ['a reply', 'reply', '{"state":"of a release to come"}'],
  ] as const) {
    it(`leaves a message in the journal of which it does not understand ${what}, and all files`, async () => {
      const messageId = await leaveMessage();
      disk.ofKind(kind).set(messageId, value);
      const { received } = (await open()).consumer();
      await mesh.clock.advance(1_000);
      assert.equal(received.length, 0);
      assert.equal(disk.ofKind('message').has(messageId), true);
      assert.equal(disk.ofKind(kind).get(messageId), value);
      assert.equal(payloads.swept, false);
    });
  }

  it('removes files that nobody needs, but not while an older journal lies aside that may need them', async () => {
    await open(JournalBesideAnother);
    assert.equal(payloads.swept, false);
    await mesh.close();
    mesh = new CoreMesh();
    await open();
    assert.equal(payloads.swept, true);
  });
});
