import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { echo, flowOf, producer, store, type Place } from './flow.js';
import { disposeAll, Instance } from './instance.js';

const START_WITHIN_MS = 120_000;
const TEST_WITHIN_MS = 120_000;

/** Messages that are sent while something is away. */
const BATCH = 20;

const HOST = '127.0.0.1';

/** Three processes: two that answer, and one that asks both. Its store is the south of theirs. */
describe('when a process fails', function () {
  this.timeout(TEST_WITHIN_MS);
  let asking: Instance;
  let first: Instance;
  let second: Instance;

  beforeEach(async function () {
    this.timeout(START_WITHIN_MS);
    const place = async (): Promise<Place> => ({ host: HOST, port: await freePort() });
    const [south, north, east] = [await place(), await place(), await place()];
    const services = ['one', 'two', 'both'];
    asking = new Instance(
      flowOf(
        store('asking', south, [north, east]),
        ...services.map((service) => producer(`to-${service}`, 'asking', service)),
      ),
    );
    first = new Instance(
      flowOf(store('first', north), echo('one', 'first', 'one'), echo('first-both', 'first', 'both')),
    );
    second = new Instance(
      flowOf(store('second', east), echo('two', 'second', 'two'), echo('second-both', 'second', 'both')),
    );
    await Promise.all([asking.start(), first.start(), second.start()]);
    await asking.sees('asking', ...services);
  });

  afterEach(() => disposeAll(asking, first, second));

  /** Sends a batch of numbered messages. */
  function sendBatch(id: string, from = 0): void {
    for (let number = from; number < from + BATCH; number += 1) asking.send(id, { payload: number });
  }

  /** The payloads of the next replies, in the order of their numbers. */
  async function repliesTo(id: string, count = BATCH): Promise<unknown[]> {
    const replies = await Promise.all(
      Array.from({ length: count }, () => asking.out(id).next(TEST_WITHIN_MS)),
    );
    return replies.map(({ payload }) => Number(payload)).sort((one, other) => one - other);
  }

  function numbers(count: number): number[] {
    return Array.from({ length: count }, (_, number) => number);
  }

  it('messages for a killed one wait, and are delivered once it is back', async () => {
    await first.stop('SIGKILL');
    sendBatch('to-one');
    await asking.losesSightOf('asking', 'one');
    assert.equal(asking.out('to-one').messages.length, 0);
    await first.start();
    assert.deepEqual(await repliesTo('to-one'), numbers(BATCH));
    assert.deepEqual(asking.out('to-one', 2).messages, []);
  });

  it('a killed one stops nobody else, and its work goes to others that offer it', async () => {
    await first.stop('SIGKILL');
    sendBatch('to-two');
    sendBatch('to-both');
    assert.deepEqual(await repliesTo('to-two'), numbers(BATCH));
    assert.deepEqual(await repliesTo('to-both'), numbers(BATCH));
  });

  it('a frozen one stops nobody else, and what waits for it is delivered once it goes on', async () => {
    first.freeze();
    sendBatch('to-one');
    for (const round of numbers(3)) {
      sendBatch('to-two', round * BATCH);
    }
    assert.deepEqual(await repliesTo('to-two', 3 * BATCH), numbers(3 * BATCH));
    assert.equal(asking.out('to-one').messages.length, 0);
    first.thaw();
    assert.deepEqual(await repliesTo('to-one'), numbers(BATCH));
    assert.deepEqual(asking.out('to-one', 2).messages, []);
  });

  it('one that asks sees all services again after it was killed', async () => {
    await asking.stop('SIGKILL');
    await asking.start();
    await asking.sees('asking', 'one', 'two', 'both');
    sendBatch('to-one');
    assert.deepEqual(await repliesTo('to-one'), numbers(BATCH));
  });

  it('one that stops in good order is forgotten before what it said has lapsed', async () => {
    await first.stop();
    await asking.losesSightOf('asking', 'one');
    assert.ok((await asking.services('asking')).includes('both'));
  });
});
