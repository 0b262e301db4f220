import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { echo, flowOf, producer, store, type Place } from './flow.js';
import { disposeAll, Instance, WITHIN_MS } from './instance.js';

const START_WITHIN_MS = 120_000;

const HOST = '127.0.0.1';

/**
 * Two processes with two stores each, in a row: left ─▶ inner-left ─▶ inner-right ◀─ right, an arrow being "has as
 * north peer". The links at the ends are within a process, the one in the middle is between the two.
 */
describe('several stores in each of two processes', function () {
  this.timeout(WITHIN_MS * 2);
  let west: Instance;
  let east: Instance;

  before(async function () {
    this.timeout(START_WITHIN_MS);
    const place = async (): Promise<Place> => ({ host: HOST, port: await freePort() });
    const [left, innerLeft, innerRight, right] = [await place(), await place(), await place(), await place()];
    west = new Instance(
      flowOf(
        store('left', left, [innerLeft]),
        store('inner-left', innerLeft, [innerRight]),
        producer('near', 'left', 'at-inner-left'),
        echo('west-end', 'left', 'at-left'),
        echo('west-inner', 'inner-left', 'at-inner-left'),
        // Alone: a process in common links nothing.
        store('alone', await place()),
        echo('secret', 'alone', 'at-alone'),
      ),
    );
    east = new Instance(
      flowOf(
        store('right', right, [innerRight]),
        store('inner-right', innerRight),
        producer('back', 'right', 'at-left'),
        echo('east-end', 'right', 'at-right'),
      ),
    );
    await Promise.all([west.start(), east.start()]);
    await Promise.all([
      west.sees('inner-left', 'at-right', 'at-left', 'at-inner-left'),
      east.sees('right', 'at-left', 'at-inner-left'),
    ]);
  });

  after(() => disposeAll(west, east));

  it('reach one another within the process', async () => {
    await west.sees('left', 'at-inner-left');
    west.send('near', { payload: 'near' });
    assert.equal((await west.out('near').next(WITHIN_MS))['payload'], 'near');
  });

  it('reach one another over several stores and both processes', async () => {
    east.send('back', { payload: 'all the way' });
    assert.equal((await east.out('back').next(WITHIN_MS))['payload'], 'all the way');
  });

  it('do not pass on what comes from the north without being told to', async () => {
    // inner-left knows at-right from its north. What it tells left goes over one link, and has been told:
    await west.sees('left', 'at-inner-left');
    assert.ok(!(await west.services('left')).includes('at-right'));
  });

  it('see nothing of a store that is not linked', async () => {
    for (const seen of [await west.services('left'), await east.services('right')]) {
      assert.ok(!seen.includes('at-alone'));
    }
  });
});
