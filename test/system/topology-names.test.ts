import assert from 'node:assert/strict';
import { until } from '../support/outlet.js';
import { echoes } from './topology-echo.js';
import { Mesh, PATIENCE_MS } from './topology-mesh.js';
import { serviceAt, type Picture } from './topology-pictures.js';

const TEST_WITHIN_MS = 200_000;
const HUB = 'H';
/** What both of the others call themselves. */
const SAME_NAME = 'same';
const FIRST = 'S1';
const SECOND = 'S2';

/** Whoever of the two comes first is known to the hub. */
const NAMESAKES: Picture = {
  title: 'two stores of one name',
  redistribute: false,
  stores: [
    { name: HUB, norths: [], offers: [] },
    ...[FIRST, SECOND].map((name) => ({
      name,
      calledName: SAME_NAME,
      norths: [HUB],
      offers: [serviceAt(name)],
    })),
  ],
  sees: {
    [HUB]: [serviceAt(FIRST)],
    [FIRST]: [serviceAt(FIRST)],
    [SECOND]: [serviceAt(SECOND)],
  },
};

const ECHOES = { service: serviceAt(FIRST), count: 20, inFlight: 4, reversePath: true };

describe('DEFECTS 27 over HTTPS: a second process with a store of the same name', function () {
  this.timeout(TEST_WITHIN_MS);
  let mesh: Mesh;

  before(async () => {
    mesh = await Mesh.of(NAMESAKES);
    await mesh.open(HUB);
    await mesh.open(FIRST);
    await mesh.settled();
  });
  after(() => mesh.dispose());

  function warnings(name: string): string[] {
    return mesh
      .at(name)
      .of('log')
      .map(({ text }) => text)
      .filter((text) => text.includes(SAME_NAME));
  }

  it('is refused with a word in the log; the first goes on, also when the second ends', async () => {
    const hub = mesh.at(HUB);
    await echoes(hub, ECHOES);
    await mesh.open(SECOND);
    await until(() => warnings(HUB).length > 0, 'nobody is told of it', PATIENCE_MS);
    await echoes(hub, ECHOES);
    mesh.assertRight();
    await mesh.at(SECOND).close();
    await echoes(hub, ECHOES);
    mesh.assertRight();
    assert.equal(warnings(HUB).length, 1, 'it is said once');
  });
});
