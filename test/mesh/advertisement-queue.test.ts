import assert from 'node:assert/strict';
import { AdvertisementQueue, PER_CONSUMER_TO_VERSION_4 } from '../../src/mesh/advertisement-queue.js';
import type { Advertise } from '../../src/protocol/verbs.js';
import { VirtualClock } from '../simulation/virtual-clock.js';

/** How long a word takes there and back, ms. */
const ROUND_TRIP_MS = 200;

function word(counter: number): Advertise {
  return {
    verb: 'advertise',
    heading: 'north',
    service: 'svc',
    consumerId: 'c',
    origin: { storeName: 'mesh0:S1', address: { host: '10.0.0.1', port: '2000' } },
    passedOnBy: 'mesh0:S1',
    via: { host: '10.0.0.1', port: '2000' },
    hopCount: 1,
    expiresEpochS: 1_700_000_000,
    load: undefined,
    stamp: undefined,
    turn: { bootId: 'b', counter },
  };
}

describe('the words that a neighbour still has to be told', () => {
  let clock: VirtualClock;
  let said: { readonly counter: number | undefined; readonly at: number }[];

  beforeEach(() => {
    clock = new VirtualClock();
    said = [];
  });

  function queueTo(version4: boolean): AdvertisementQueue {
    return new AdvertisementQueue(
      clock,
      () => version4,
      (advert) => {
        said.push({ counter: advert.turn?.counter, at: clock.now() });
        return new Promise((resolve) => {
          clock.after(ROUND_TRIP_MS, resolve);
        });
      },
    );
  }

  async function putOneEvery(ms: number, queue: AdvertisementQueue, count: number): Promise<void> {
    for (let counter = 1; counter <= count; counter += 1) {
      queue.put('c', word(counter));
      await clock.advance(ms);
    }
    await clock.advance(count * ROUND_TRIP_MS);
  }

  it('go to a new store at once, though the answer to the former is not there yet', async () => {
    await putOneEvery(10, queueTo(true), 3);
    assert.deepEqual(
      said.map(({ at }) => at),
      [0, 10, 20],
    );
  });

  it('wait for answers where many of one consumer come in a row, and the last one alone goes then', async () => {
    const many = PER_CONSUMER_TO_VERSION_4 + 3;
    await putOneEvery(1, queueTo(true), many);
    const atOnce = Array.from({ length: PER_CONSUMER_TO_VERSION_4 }, (_, place) => place + 1);
    assert.deepEqual(
      said.map(({ counter }) => counter),
      [...atOnce, many],
    );
  });

  it('go to a 3.0.5 store one after the other', async () => {
    await putOneEvery(10, queueTo(false), 3);
    assert.deepEqual(said, [
      { counter: 1, at: 0 },
      { counter: 3, at: ROUND_TRIP_MS },
    ]);
  });

  it('are all said when the queue is drained', async () => {
    const queue = queueTo(true);
    let drainedAt = -1;
    queue.put('c', word(1));
    await clock.advance(50);
    queue.put('c', word(2));
    void queue.drained().then(() => (drainedAt = clock.now()));
    await clock.advance(1_000);
    assert.equal(drainedAt, 50 + ROUND_TRIP_MS);
  });
});
