import assert from 'node:assert/strict';
import { momentNow } from '../support/store-host-talk.js';
import { pause, until } from '../support/outlet.js';
import { Stream } from './topology-echo.js';
import { assertWithin, Mesh, PATIENCE_MS } from './topology-mesh.js';
import { SEED, share } from './topology-order.js';
import { serviceAt, SIX_STORES } from './topology-pictures.js';

const TEST_WITHIN_MS = 400_000;

/** Those that are not the only way to anybody. */
const MIDDLE = ['S10', 'S11', 'S20', 'S21'];
/** Of these, so many are killed, and so many stopped, in a run that does not try all. */
const VICTIMS = 1;

/** How long messages run before the fault, ms: long enough to be under way everywhere. */
const RUN_IN_MS = 1_000;
const FLOWS_AGAIN_WITHIN_MS = 1_000;
const USED_AGAIN_WITHIN_MS = 2_000;
const GONE_WITHIN_MS = 2_000;
/** A store that stands still keeps its connections: others find out by its silence, in twice 500 ms. */
const GOES_ROUND_WITHIN_MS = 1_500;
const STANDS_STILL_MS = 10_000;

describe(`the mesh of six in processes, when stores fail, seed ${SEED}`, function () {
  this.timeout(TEST_WITHIN_MS);
  let mesh: Mesh;

  before(async () => {
    mesh = await Mesh.of(SIX_STORES);
    await mesh.openAll();
  });
  after(() => mesh.dispose());

  /**
   * What stores reported since, but for one thing: a read that comes late, after its message was taken back and given
   * out again, finds nothing under its old token and says so. That loses nothing; lost messages are counted by the streams.
   */
  function failuresSince(count: number): readonly string[] {
    return mesh
      .failures()
      .slice(count)
      .filter((failure) => !failure.includes('consumerRead NOT_FOUND'));
  }

  /** Messages in both directions between the two ends. */
  async function bothWays(): Promise<readonly Stream[]> {
    const streams = [new Stream(mesh.at('S1'), serviceAt('S2')), new Stream(mesh.at('S2'), serviceAt('S1'))];
    await pause(RUN_IN_MS);
    return streams;
  }

  /** Whether any message that arrived at either end after a moment had passed the store. */
  function passed(store: string, since: number): boolean {
    return ['S1', 'S2'].some((end) =>
      mesh
        .at(end)
        .of('received')
        .some(({ at, path }) => at > since && path.includes(`mesh0:${store}`)),
    );
  }

  async function flowsAgain(streams: readonly Stream[], moment: number): Promise<number> {
    return Math.max(...(await Promise.all(streams.map((stream) => stream.flowsAgainAfter(moment)))));
  }

  for (const victim of share(MIDDLE, VICTIMS)) {
    it(`goes on within a second when ${victim} is killed, loses nothing, and uses it again when it is back`, async () => {
      const streams = await bothWays();
      // Of ways of one length all stores take the same one in the end; at the beginning not all are known yet.
      const wasUsed = passed(victim, momentNow() - RUN_IN_MS / 2);
      const failuresBefore = mesh.failures().length;
      const killedAt = momentNow();
      await mesh.at(victim).kill();
      const brokenFor = await flowsAgain(streams, killedAt);
      await pause(RUN_IN_MS);
      const backAt = await mesh.open(victim);
      const toIt = new Stream(mesh.at('S1'), serviceAt(victim));
      const reachedAfter = await toIt.flowsAgainAfter(backAt);
      if (wasUsed)
        await until(() => passed(victim, backAt), `${victim} is not on the way again`, PATIENCE_MS);
      const usedAfter = momentNow() - backAt;
      await Promise.all([...streams, toIt].map((stream) => stream.ends()));
      const figures = `broken for ${Math.round(brokenFor)} ms, reached ${Math.round(reachedAfter)} ms after its return`;
      console.log(`        ${figures}${wasUsed ? `, on the way after ${Math.round(usedAfter)} ms` : ''}`);
      assert.deepEqual(failuresSince(failuresBefore), []);
      assertWithin(brokenFor, FLOWS_AGAIN_WITHIN_MS, `${victim} killed: messages flow`);
      assertWithin(reachedAfter, USED_AGAIN_WITHIN_MS, `${victim} back: it is reached`);
      if (wasUsed) assertWithin(usedAfter, USED_AGAIN_WITHIN_MS, `${victim} back: it is on the way`);
    });
  }

  for (const victim of share(MIDDLE, VICTIMS)) {
    it(`goes round ${victim} while it stands still for ten seconds, and loses nothing`, async () => {
      const streams = await bothWays();
      const failuresBefore = mesh.failures().length;
      const stoppedAt = momentNow();
      mesh.at(victim).freeze();
      let brokenFor: number;
      try {
        brokenFor = await flowsAgain(streams, stoppedAt);
        await pause(STANDS_STILL_MS - (momentNow() - stoppedAt));
      } finally {
        mesh.at(victim).thaw();
      }
      await Promise.all(streams.map((stream) => stream.ends()));
      console.log(`        messages go round it after ${Math.round(brokenFor)} ms`);
      assert.deepEqual(failuresSince(failuresBefore), []);
      assertWithin(brokenFor, GOES_ROUND_WITHIN_MS, `${victim} stopped: messages flow`);
      await mesh.settled();
    });
  }

  it('shows the services of a killed store nowhere any more, soon after the first call to it fails', async () => {
    const stream = new Stream(mesh.at('S1'), serviceAt('S2'));
    await pause(RUN_IN_MS);
    const killedAt = momentNow();
    await mesh.at('S2').kill();
    const others = SIX_STORES.stores.map(({ name }) => name).filter((name) => name !== 'S2');
    await until(
      () => others.every((name) => !mesh.at(name).services.includes(serviceAt('S2'))),
      () =>
        `at-S2 is still seen: ${others.map((name) => `${name}: ${mesh.at(name).services.join()}`).join('; ')}`,
      PATIENCE_MS,
    );
    const goneAfter = momentNow() - killedAt;
    stream.stop();
    console.log(`        gone everywhere after ${Math.round(goneAfter)} ms`);
    assertWithin(goneAfter, GONE_WITHIN_MS, 'S2 killed: its service is gone');
  });
});
