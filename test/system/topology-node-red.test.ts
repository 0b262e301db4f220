import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { until } from '../support/outlet.js';
import { echo, flowOf, producer, store, type FlowNode } from './flow.js';
import { disposeAll, Instance } from './instance.js';
import { PATIENCE_MS } from './topology-mesh.js';
import { SEED, share, shuffled, TRY_ALL } from './topology-order.js';
import {
  HOST,
  PICTURES,
  propertiesOf,
  routesToTry,
  type DrawnStore,
  type Picture,
} from './topology-pictures.js';

const START_WITHIN_MS = 600_000;
const TEST_WITHIN_MS = 300_000;

/** Messages at once between each pair that is tried. */
const IN_FLIGHT = 16;
/** Pairs of a store and a service. */
const PAIRS = 4;

/** As many as the largest picture has stores. */
const INSTANCES = 6;

function flowFor(drawn: DrawnStore, picture: Picture, portOf: (name: string) => number): FlowNode[] {
  const place = { host: HOST, port: portOf(drawn.name) };
  return flowOf(
    store(drawn.name, place, [], propertiesOf(drawn, picture, portOf)),
    ...(picture.sees[drawn.name] ?? []).map((service) => producer(`to-${service}`, drawn.name, service)),
    ...drawn.offers.map((service) => echo(`echo-${service}`, drawn.name, service)),
  );
}

/** Each store of a picture in a Node-RED of its own; the flows are deployed one after the other, in an order of chance. */
describe(`Node-RED processes, seed ${SEED}`, function () {
  this.timeout(TEST_WITHIN_MS);
  let pool: Instance[] = [];

  before(async function () {
    this.timeout(START_WITHIN_MS);
    pool = Array.from({ length: INSTANCES }, () => new Instance([]));
    // Not all at once: six that start together on two processors are slower than two after two.
    for (const instance of pool) await instance.start();
  });
  after(() => disposeAll(...pool));
  afterEach(() => Promise.all(pool.map((instance) => instance.deploy([]))));

  for (const picture of PICTURES) {
    it(`linked as ${picture.title} see what they must, and answer each other`, async () => {
      const at = new Map(picture.stores.map(({ name }, index) => [name, pool[index]]));
      const ports = new Map<string, number>();
      for (const { name } of picture.stores) ports.set(name, await freePort());
      const instanceOf = (name: string): Instance => at.get(name) ?? assert.fail(name);
      for (const drawn of shuffled(picture.stores)) {
        await instanceOf(drawn.name).deploy(flowFor(drawn, picture, (name) => ports.get(name) ?? NaN));
      }
      for (const { name } of picture.stores) await instanceOf(name).sees(name, ...(picture.sees[name] ?? []));

      for (const { from, service } of TRY_ALL ? routesToTry(picture) : share(routesToTry(picture), PAIRS)) {
        const id = `to-${service}`;
        const replies = instanceOf(from).out(id).messages;
        const had = replies.length;
        const payloads = Array.from({ length: IN_FLIGHT }, (_, number) => `${from} ${service} ${number}`);
        for (const payload of payloads) instanceOf(from).send(id, { payload });
        await until(
          () => replies.length >= had + IN_FLIGHT,
          () => `${from} to ${service}: ${replies.length - had} of ${IN_FLIGHT} replies came`,
          PATIENCE_MS,
        );
        const came = replies.slice(had).map(({ payload }) => payload);
        assert.deepEqual(came.sort(), payloads.sort());
      }

      for (const { name } of picture.stores) {
        const seen = await instanceOf(name).services(name);
        assert.deepEqual(seen.sort(), [...(picture.sees[name] ?? [])].sort(), name);
      }
    });
  }
});
