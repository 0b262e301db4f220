import assert from 'node:assert/strict';
import type { Change, MeshReport } from './mesh-run.js';
import { complaintsOf, CONVERGES_WITHIN_MS, QUIET_WITHIN_MS, WORDS_PER_LINK } from './mesh-verdict.js';
import { MeshWorld } from './mesh-world.js';
import { RouteWatch } from './route-watch.js';

const NO_FAULTS = { blackHoles: [], wrongRoutes: [], loops: [] };
const LINKS = 10;

function reportOf(change: Partial<Change>, atRest = 0): MeshReport {
  const fine: Change = {
    name: 'cut',
    convergedMs: 0,
    lastWordMs: 0,
    isQuiet: true,
    messages: 0,
    about: 1,
    circles: 0,
    loops: [],
    faults: NO_FAULTS,
  };
  return {
    plan: { topology: 'tree', stores: 2, services: 1, seed: '1' },
    links: LINKS,
    changes: [{ ...fine, ...change }],
    atRest,
    renewal: 0,
    routesPerStore: 0,
    bytesPerStore: 0,
    wallS: 0,
  };
}

describe('the verdict on a simulated mesh', () => {
  it('is that all is well where it is', () => {
    assert.deepEqual(complaintsOf(reportOf({ messages: WORDS_PER_LINK * LINKS })), []);
  });

  const wrong: Readonly<Record<string, MeshReport>> = {
    'a black hole': reportOf({ faults: { ...NO_FAULTS, blackHoles: ['s1'] } }),
    'a wrong route': reportOf({ faults: { ...NO_FAULTS, wrongRoutes: ['s1'] } }),
    'a circle at rest': reportOf({ faults: { ...NO_FAULTS, loops: ['s1'] } }),
    'an offer that came back': reportOf({ loops: ['s1 → s2 → s1'] }),
    'choices that change for too long': reportOf({ convergedMs: CONVERGES_WITHIN_MS }),
    'words that go about for too long': reportOf({ lastWordMs: QUIET_WITHIN_MS }),
    'a mesh that never rests': reportOf({ isQuiet: false }),
    'words that nobody needs': reportOf({}, 1),
    'too many words': reportOf({ messages: WORDS_PER_LINK * LINKS + 1 }),
  };
  for (const [what, report] of Object.entries(wrong)) {
    it(`is against ${what}`, () => {
      assert.equal(complaintsOf(report).length, 1);
    });
  }
});

describe('the watch over the routes of a simulated mesh', () => {
  async function loopsSeen(sabotage: (world: MeshWorld) => void): Promise<readonly string[]> {
    const link = { redistribute: true, delayMs: 5 };
    const links = [
      { south: 0, north: 1, ...link },
      { south: 1, north: 2, ...link },
    ];
    const world = new MeshWorld({ stores: 3, links, closedToSouth: new Set() });
    sabotage(world);
    const watch = new RouteWatch(world);
    world.offer('svc', 2);
    await world.open();
    await world.clock.advance(500);
    watch.lookAtAll();
    await world.close();
    return watch.loops;
  }

  it('says nothing where offers arrive', async () => {
    assert.deepEqual(await loopsSeen(() => undefined), []);
  });

  it('says so where an offer comes back to a store', async () => {
    const loops = await loopsSeen((world) => {
      world.walk = () => ({ end: 'loops', stores: [0, 1, 0] });
    });
    assert.match(loops[0] ?? '', /an offer of svc comes back at \d+ ms: s0 → s1 → s0/);
  });
});
