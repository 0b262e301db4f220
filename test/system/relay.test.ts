import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { echo, flowOf, producer, store } from './flow.js';
import { disposeAll, Instance, WITHIN_MS } from './instance.js';

const START_WITHIN_MS = 120_000;
const TEST_WITHIN_MS = 120_000;

const MB = 1024 * 1024;

/** Characters of each large payload, ASCII: as many bytes on the way. */
const LARGE = 160 * MB;

/**
 * How much more memory the store on the way may take while {@link LARGE} passes there and back: less than one whole
 * payload. It takes 70 to 100 MB, for 16 MB as for 192: buffers, and what the garbage collector has not got round to.
 */
const RELAY_MAY_GROW = 130 * MB;

const HOST = '127.0.0.1';

describe('a process on the way between two others', function () {
  this.timeout(TEST_WITHIN_MS);
  let asking: Instance;
  let relay: Instance;
  let answering: Instance;

  before(async function () {
    this.timeout(START_WITHIN_MS);
    const [one, middle, two] = [await freePort(), await freePort(), await freePort()].map((port) => ({
      host: HOST,
      port,
    }));
    assert.ok(one !== undefined && middle !== undefined && two !== undefined);
    asking = new Instance(
      flowOf(
        store('asking', one, [middle]),
        producer('by-relay', 'asking', 'mirror'),
        producer('straight', 'asking', 'mirror', { enforceReversePath: false }),
      ),
    );
    relay = new Instance(flowOf(store('relay', middle)));
    answering = new Instance(flowOf(store('answering', two, [middle]), echo('echo', 'answering', 'mirror')));
    await Promise.all([asking.start(), relay.start(), answering.start()]);
    await asking.sees('asking', 'mirror');
  });

  after(() => disposeAll(asking, relay, answering));

  it('lets them talk, whichever way the reply takes', async () => {
    for (const id of ['by-relay', 'straight']) {
      asking.send(id, { payload: id });
      assert.equal((await asking.out(id).next(WITHIN_MS))['payload'], id);
    }
  });

  it('passes a large payload on in little memory', async () => {
    const before = relay.peakMemory();
    const payload = 'relay'.repeat(LARGE / 5);
    asking.send('by-relay', { payload });
    const reply = await asking.out('by-relay').next(TEST_WITHIN_MS);
    // Not by assert.equal: its complaint would hold both.
    assert.ok(reply['payload'] === payload);
    const grown = relay.peakMemory() - before;
    assert.ok(grown < RELAY_MAY_GROW, `it took ${Math.round(grown / MB)} MB more`);
  });

  it('has no failure to tell of', () => {
    const failures = [asking.out('by-relay', 2), asking.out('straight', 2), answering.out('echo', 2)];
    assert.deepEqual(
      failures.flatMap(({ messages }) => messages),
      [],
    );
  });
});
