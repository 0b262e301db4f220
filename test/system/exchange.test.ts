import assert from 'node:assert/strict';
import { NODE_RED_4, NODE_RED_5 } from '../support/node-red-process.js';
import { freePort } from '../support/free-port.js';
import type { FlowMessage } from '../support/outlet.js';
import { consumer, echo, flowOf, producer, store } from './flow.js';
import { disposeAll, Instance, WITHIN_MS } from './instance.js';

const START_WITHIN_MS = 120_000;

const HOST = '127.0.0.1';

/** Messages under way at the same time. */
const AT_ONCE = 16;

/** Characters of a payload that is far over the threshold at which it goes to disk. */
const LARGE_CHARACTERS = 20 * 1024 * 1024;

/** Payloads, and what each of them is called in a test's name. */
const PAYLOADS: Readonly<Record<string, unknown>> = {
  'a text': 'Grüße, 世界 🌍',
  'a number': 12.5,
  nought: 0,
  true: true,
  false: false,
  'the empty text': '',
  null: null,
  'an object': { list: [1, { two: 'two' }], none: null },
  'an array': [1, 'two', [3]],
  'a Buffer': Buffer.from([0, 255, 10, 13]),
  'an empty Buffer': Buffer.alloc(0),
  'a Date': new Date('2024-02-29T12:34:56.789Z'),
  'Buffers and Dates inside': { at: [new Date(0)], raw: { bytes: Buffer.from('bytes') } },
};

const PAIRS = [
  { names: 'Node-RED 4.1 and Node-RED 4.1', editions: [NODE_RED_4, NODE_RED_4] },
  { names: 'Node-RED 4.1 and Node-RED 5', editions: [NODE_RED_4, NODE_RED_5] },
] as const;

for (const { names, editions } of PAIRS) {
  describe(`${names}, each in a process of its own`, function () {
    this.timeout(WITHIN_MS * 2);
    let south: Instance;
    let north: Instance;

    before(async function () {
      this.timeout(START_WITHIN_MS);
      const southPlace = { host: HOST, port: await freePort() };
      const northPlace = { host: HOST, port: await freePort() };
      const southFlow = flowOf(
        store('south', southPlace, [northPlace]),
        producer('to-north', 'south', 'in-north'),
        producer('to-north-straight', 'south', 'in-north', { enforceReversePath: false }),
        producer('to-sink', 'south', 'sink', { sendOnly: true, outputs: 1 }),
        echo('echo-south', 'south', 'in-south'),
      );
      const northFlow = flowOf(
        store('north', northPlace),
        producer('to-south', 'north', 'in-south'),
        producer('to-south-straight', 'north', 'in-south', { enforceReversePath: false }),
        echo('echo-north', 'north', 'in-north'),
        consumer('sink', 'north', 'sink'),
      );
      south = new Instance(southFlow, { edition: editions[0] });
      north = new Instance(northFlow, { edition: editions[1] });
      // The store that the other one looks for comes last.
      await south.start();
      await north.start();
      await Promise.all([south.sees('south', 'in-north', 'sink'), north.sees('north', 'in-south')]);
    });

    after(() => disposeAll(south, north));

    /** Sends one message and gives its reply. */
    async function ask(from: Instance, id: string, message: FlowMessage): Promise<FlowMessage> {
      from.send(id, message);
      return from.out(id).next(WITHIN_MS);
    }

    for (const [way, id] of [
      ['by the way that the message came', 'to-north'],
      ['straight', 'to-north-straight'],
    ] as const) {
      it(`answers from the north ${way}`, async () => {
        assert.equal((await ask(south, id, { payload: 'hello' }))['payload'], 'hello');
      });
    }

    for (const [way, id] of [
      ['by the way that the message came', 'to-south'],
      ['straight', 'to-south-straight'],
    ] as const) {
      it(`answers from the south ${way}`, async () => {
        assert.equal((await ask(north, id, { payload: 'hello' }))['payload'], 'hello');
      });
    }

    it('brings back what was preserved', async () => {
      const preserved = { long: 'x'.repeat(7_000), at: new Date(5) };
      const reply = await ask(south, 'to-north', { payload: 1, preserved });
      assert.deepEqual(reply['preserved'], preserved);
    });

    for (const [kind, payload] of Object.entries(PAYLOADS)) {
      it(`takes ${kind} there and back as it is`, async () => {
        assert.deepEqual((await ask(south, 'to-north', { payload }))['payload'], payload);
      });
    }

    it('takes no payload at all there and back', async () => {
      assert.equal((await ask(north, 'to-south', {}))['payload'], undefined);
    });

    it(`answers ${AT_ONCE} messages under way in both directions, each once`, async () => {
      const replies = await Promise.all([
        askMany(south, 'to-north', AT_ONCE),
        askMany(north, 'to-south', AT_ONCE),
      ]);
      const sent = Array.from({ length: AT_ONCE }, (_, number) => number);
      assert.deepEqual(replies, [sent, sent]);
    });

    async function askMany(from: Instance, id: string, count: number): Promise<number[]> {
      const numbers = Array.from({ length: count }, (_, number) => number);
      for (const number of numbers) from.send(id, { payload: number });
      const replies = await Promise.all(numbers.map(() => from.out(id).next(WITHIN_MS)));
      return replies.map(({ payload }) => Number(payload)).sort((one, other) => one - other);
    }

    it('gives a sendOnly message to its consumer and is done with it', async () => {
      south.send('to-sink', { payload: 'take this' });
      const received = await north.out('sink').next(WITHIN_MS);
      assert.equal(received['payload'], 'take this');
      assert.equal(received['producerStoreName'], 'mesh0:south');
    });

    it('takes a payload of 20 MB there and back', async () => {
      const payload = 'large'.repeat(LARGE_CHARACTERS / 5);
      const reply = (await ask(south, 'to-north', { payload }))['payload'];
      // Not by assert.equal: its complaint would hold both.
      assert.ok(reply === payload);
    });

    it('has failed with nothing', () => {
      const failures = [south.out('to-north', 2), south.out('to-north-straight', 2), south.out('to-sink', 0)];
      const more = [north.out('to-south', 2), north.out('to-south-straight', 2), north.out('echo-north', 2)];
      assert.deepEqual(
        [...failures, ...more].flatMap(({ messages }) => messages),
        [],
      );
    });
  });
}
