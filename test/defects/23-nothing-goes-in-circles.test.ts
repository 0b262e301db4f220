import assert from 'node:assert/strict';
import { CoreMesh, type CoreStore } from '../support/core-mesh.js';

const HOSTS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
/** Between two renewals: what is sent in it is sent because of the change alone. */
const QUIET_MS = 8_000;
/** A change costs a word or two for each of the three links. */
const WORDS_PER_CHANGE = 6;

describe('DEFECTS 23: three stores in a ring', () => {
  let mesh: CoreMesh;
  let stores: CoreStore[];

  beforeEach(async () => {
    mesh = new CoreMesh();
    stores = [];
    for (const [index, host] of HOSTS.entries()) {
      const north = HOSTS[(index + 1) % HOSTS.length] ?? '';
      const northPeers = [{ address: mesh.address(north), redistribute: true }];
      stores.push(await mesh.store(host, [], { northPeers }));
    }
    // The first announcements and what they bring about.
    await mesh.clock.advance(5_000);
  });
  afterEach(() => mesh.close());

  const storeAt = (index: number): CoreStore => {
    const store = stores[index];
    assert.ok(store);
    return store;
  };

  async function wordsWithin(ms: number): Promise<number> {
    const before = mesh.network.calls;
    await mesh.clock.advance(ms);
    return mesh.network.calls - before;
  }

  it('pass a new consumer on once, and its end once', async () => {
    const { consumer } = storeAt(0).consumer();
    assert.ok((await wordsWithin(QUIET_MS)) <= WORDS_PER_CHANGE);
    for (const { store } of stores) assert.equal(store.knows('svc'), true);
    consumer.detach();
    assert.ok((await wordsWithin(QUIET_MS)) <= WORDS_PER_CHANGE);
    for (const { store } of stores) assert.equal(store.knows('svc'), false);
  });

  it('ask for a message at most once over each link, while nobody has room', async () => {
    storeAt(0).consumer({ inTransitLimit: 0 });
    await mesh.clock.advance(1_000);
    const messageId = storeAt(1).producer({ notifyIntervalMs: 60_000 }).send();
    await mesh.clock.advance(QUIET_MS);
    const asked = mesh.said(messageId).filter((line) => / offer#\d+ to /.test(line));
    assert.ok(asked.length > 0 && asked.length <= HOSTS.length, asked.join('\n'));
  });
});
