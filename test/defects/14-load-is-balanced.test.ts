import assert from 'node:assert/strict';
import { CoreMesh, type CoreConsumer, type CoreStore } from '../support/core-mesh.js';

const PRODUCERS = 10;
const LIMIT = 10;
/** Share of all, percent. */
const TOLERANCE = 5;
const CONSUMER_HOSTS = ['10.0.0.2', '10.0.0.3', '10.0.0.4'];

/** Three consumers, each at a store of its own, and ten stores with a producer each; every one knows every other. */
class BalancedMesh {
  readonly consumers: CoreConsumer[] = [];
  private readonly producers: { send(): string; readonly replies: readonly unknown[] }[] = [];
  private readonly mesh = new CoreMesh();
  private readonly stores: CoreStore[] = [];

  /** @param thinkMs how long each consumer's flow takes for a message */
  static async open(thinkMs: readonly number[]): Promise<BalancedMesh> {
    const made = new BalancedMesh();
    for (const place of CONSUMER_HOSTS.keys()) await made.openConsumer(place, thinkMs[place] ?? 0);
    for (let store = 1; store <= PRODUCERS; store += 1) {
      const south = await made.mesh.store(`10.0.1.${store}`, CONSUMER_HOSTS, { balance: true });
      made.producers.push(south.producer());
    }
    await made.mesh.clock.advance(1_000);
    return made;
  }

  async openConsumer(place: number, thinkMs: number): Promise<void> {
    const store = await this.mesh.store(CONSUMER_HOSTS[place] ?? '');
    const made = store.consumer({ inTransitLimit: LIMIT }, thinkMs);
    this.stores[place] = store;
    this.consumers[place] = made;
  }

  kill(place: number): void {
    const store = this.stores[place];
    assert.ok(store);
    this.mesh.kill(store, CONSUMER_HOSTS[place] ?? '');
  }

  advance(ms: number): Promise<void> {
    return this.mesh.clock.advance(ms);
  }

  /** Sends so many messages, turn by turn from all stores. @returns the share of each consumer, percent */
  async sharesOf(messages: number, everyMs: number): Promise<number[]> {
    const before = this.consumers.map(({ received }) => received.length);
    for (let sent = 0; sent < messages; sent += 1) {
      this.producers[sent % PRODUCERS]?.send();
      await this.advance(everyMs);
    }
    await this.advance(5_000);
    const came = this.consumers.map(({ received }, place) => received.length - (before[place] ?? 0));
    return came.map((count) => (100 * count) / messages);
  }

  close(): Promise<void> {
    return this.mesh.close();
  }
}

function near(shares: readonly number[], expected: readonly number[]): void {
  for (const [place, share] of shares.entries()) {
    assert.ok(Math.abs(share - (expected[place] ?? 0)) <= TOLERANCE, `${shares.join()} %`);
  }
}

describe('DEFECTS 14: balancing between stores', () => {
  let mesh: BalancedMesh;
  afterEach(() => mesh.close());

  it('gives three equal consumers a third each, whatever the pace', async () => {
    mesh = await BalancedMesh.open([100, 100, 100]);
    for (const everyMs of [200, 20, 5]) near(await mesh.sharesOf(300, everyMs), [33.3, 33.3, 33.3]);
  }).timeout(60_000);

  it('gives one that takes three times as long a third of what the others get', async () => {
    mesh = await BalancedMesh.open([100, 100, 300]);
    // The first messages show how long each takes.
    await mesh.sharesOf(60, 20);
    for (const everyMs of [20, 5]) near(await mesh.sharesOf(420, everyMs), [42.9, 42.9, 14.3]);
  }).timeout(60_000);

  it('gives one that has died nothing, and one that is back its part', async () => {
    mesh = await BalancedMesh.open([10, 10, 10]);
    await mesh.sharesOf(60, 20);
    mesh.kill(0);
    near(await mesh.sharesOf(300, 20), [0, 50, 50]);
    await mesh.openConsumer(0, 10);
    await mesh.advance(1_000);
    near(await mesh.sharesOf(300, 20), [33.3, 33.3, 33.3]);
  }).timeout(60_000);
});
