import assert from 'node:assert/strict';
import { until } from '../support/outlet.js';
import { momentNow } from '../support/store-host-talk.js';
import { echoes } from './topology-echo.js';
import { assertWithin, Mesh, PATIENCE_MS } from './topology-mesh.js';
import type { Picture } from './topology-pictures.js';

const TEST_WITHIN_MS = 200_000;
const FAR = 'F';
const SOUTHS = ['S1', 'S2', 'S3', 'S4'];
const LIMIT = 3;
/** Takes some time for each message. */
const SCARCE = 'scarce';
const SCARCE_MS = 50;
/** Timers of a process may fire so much early, ms: they count whole milliseconds. */
const EARLY_MS = 2;
const FAST = 'fast';
/** Never answers while the test runs. */
const STUCK = 'stuck';
const STUCK_MS = 600_000;
const SERVICES = [SCARCE, FAST, STUCK].sort();
/** More than is served until ageing begins (after 10 s, src/engine/ready-queue.ts), from each of two stores. */
const FLOOD = 2_000;
/** Once so many of it are served, all of it has been queued. */
const FLOOD_BEGUN = 30;
const HIGH = 9;
const LOW = 0;

const MESSAGES = 10;
const ECHOES = { service: FAST, count: 100, inFlight: LIMIT, reversePath: true };

/** Several stores that want the same consumers at a store with little room. */
const PRESSED: Picture = {
  title: 'little room',
  redistribute: false,
  stores: [
    {
      name: FAR,
      norths: [],
      offers: SERVICES,
      thinkMs: { [SCARCE]: SCARCE_MS, [STUCK]: STUCK_MS },
      inTransitLimit: LIMIT,
    },
    ...SOUTHS.map((name) => ({ name, norths: [FAR], offers: [] })),
  ],
  sees: Object.fromEntries([FAR, ...SOUTHS].map((name) => [name, SERVICES])),
};

describe('DEFECTS over HTTPS: offers of several processes where there is little room', function () {
  this.timeout(TEST_WITHIN_MS);
  let mesh: Mesh;

  before(async () => {
    mesh = await Mesh.of(PRESSED);
    await mesh.openAll();
  });
  after(() => mesh.dispose());

  it('4: are never taken over the in-transit limit, and none of their messages is lost', async () => {
    SOUTHS.forEach((name, place) => {
      const numbers = Array.from({ length: MESSAGES }, (_, at) => place * MESSAGES + at);
      mesh.at(name).send(SCARCE, numbers, true);
    });
    const replied = () => SOUTHS.flatMap((name) => mesh.at(name).of('replied'));
    const wanted = SOUTHS.length * MESSAGES;
    await until(
      () => replied().length >= wanted,
      () => `${replied().length} of ${wanted} replies came`,
      PATIENCE_MS,
    );
    assert.equal(new Set(replied().map(({ number }) => number)).size, wanted);
    const moments = mesh
      .at(FAR)
      .of('received')
      .map(({ at }) => at);
    moments.forEach((at, place) => {
      // Whoever comes after so many others can only have the place of one that was answered.
      const before = moments[place - LIMIT];
      const after = before === undefined ? Infinity : at - before;
      assert.ok(after >= SCARCE_MS - EARLY_MS, `${LIMIT + 1} messages at once, within ${after} ms`);
    });
    assert.deepEqual(mesh.failures(), []);
  });

  it('2: a service without room slows no other down', async () => {
    const from = mesh.at('S1');
    const timeFor = async (): Promise<number> => {
      const begun = momentNow();
      await echoes(from, ECHOES);
      return momentNow() - begun;
    };
    await timeFor();
    const alone = await timeFor();
    const stuck = Array.from({ length: MESSAGES }, (_, at) => -1 - at);
    const before = mesh.at(FAR).of('received').length;
    for (const name of SOUTHS) mesh.at(name).send(STUCK, stuck, true);
    await until(() => mesh.at(FAR).of('received').length >= before + LIMIT, 'nobody got stuck', PATIENCE_MS);
    const beside = await timeFor();
    console.log(`        ${Math.round(beside)} ms, and ${Math.round(alone)} ms without the stuck ones`);
    assertWithin(beside, alone, 'beside a service without room');
    assert.deepEqual(mesh.failures(), []);
  });

  it('13: low priority is served within a bound, under a flood of high priority from two stores', async () => {
    const from = mesh.at('S1');
    const flood = Array.from({ length: FLOOD }, (_, at) => 1_000 + at);
    const low = 999;
    for (const name of ['S1', 'S2']) mesh.at(name).send(SCARCE, flood, true, HIGH);
    const taken = mesh.at(FAR).of('received').length + FLOOD_BEGUN;
    await until(() => mesh.at(FAR).of('received').length > taken, 'the flood does not flow', PATIENCE_MS);
    from.send(SCARCE, [low], true, LOW);
    const answered = (): boolean => from.of('replied').some(({ number }) => number === low);
    await until(answered, 'the message of low priority is not served', PATIENCE_MS);
    const before = from.of('replied').filter(({ number }) => flood.includes(number)).length;
    console.log(`        after ${before} of ${FLOOD} of high priority`);
    assert.ok(before < FLOOD, 'only once the flood was over');
    assert.deepEqual(mesh.failures(), []);
  });
});
