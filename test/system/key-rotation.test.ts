import assert from 'node:assert/strict';
import { makeMeshKey } from '../../src/security/mesh-key.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/outlet.js';
import { echo, flowOf, producer, store, type FlowNode, type Place } from './flow.js';
import { disposeAll, Instance, WITHIN_MS } from './instance.js';

const START_WITHIN_MS = 120_000;
const HOST = '127.0.0.1';

/** Between two messages, ms: several fall into every deploy. */
const SEND_EVERY_MS = 25;

/** What a store has in its dialog. */
interface Keys {
  readonly meshKey: string;
  readonly meshKeyOld?: string;
}

/** The orders in which docs/SECURITY.md has people change a key: what stands in every dialog after each round. */
const ORDERS: readonly {
  readonly what: string;
  readonly rounds: (former: string, next: string) => readonly Keys[];
  readonly refuses: boolean;
}[] = [
  {
    what: 'the new one as previous key first',
    rounds: (former, next) => [
      { meshKey: former, meshKeyOld: next },
      { meshKey: next, meshKeyOld: former },
      { meshKey: next, meshKeyOld: '' },
    ],
    refuses: false,
  },
  {
    what: 'the new one at once, the former one as previous key',
    rounds: (former, next) => [
      { meshKey: next, meshKeyOld: former },
      { meshKey: next, meshKeyOld: '' },
    ],
    refuses: true,
  },
];

/** left ─▶ middle ◀─ right, an arrow being "has as north peer"; each in a process of its own. */
async function threeStores(): Promise<ReadonlyMap<string, Place & { flow: (keys: Keys) => FlowNode[] }>> {
  const place = async (): Promise<Place> => ({ host: HOST, port: await freePort() });
  const [left, middle, right] = [await place(), await place(), await place()];
  const one = (id: string, at: Place, norths: Place[], nodes: FlowNode[]) => ({
    ...at,
    flow: (credentials: Keys) => flowOf(store(id, at, norths, { security: 'mesh', credentials }), nodes),
  });
  return new Map([
    ['middle', one('middle', middle, [], [])],
    // As a new producer has it: what a flow had in hand when it was deployed goes out again.
    ['left', one('left', left, [middle], producer('sends', 'left', 'work', { redeliver: true }))],
    ['right', one('right', right, [middle], echo('works', 'right', 'work'))],
  ]);
}

for (const { what, rounds, refuses } of ORDERS) {
  describe(`a change of the mesh key in three stores, ${what}`, function () {
    this.timeout(WITHIN_MS * 6);
    const [former, next] = [makeMeshKey(), makeMeshKey()];
    const instances = new Map<string, Instance>();
    let stores: Awaited<ReturnType<typeof threeStores>> = new Map();
    let sending: NodeJS.Timeout | undefined;

    before(async function () {
      this.timeout(START_WITHIN_MS);
      stores = await threeStores();
      for (const id of stores.keys()) instances.set(id, new Instance(flowOf()));
      await Promise.all([...instances.values()].map((instance) => instance.start()));
      for (const id of stores.keys()) await deploy(id, { meshKey: former });
      await of('left').sees('left', 'work');
    });

    after(async () => {
      clearInterval(sending);
      await disposeAll(...instances.values());
    });

    function of(id: string): Instance {
      const one = instances.get(id);
      assert.ok(one !== undefined);
      return one;
    }

    async function deploy(id: string, keys: Keys): Promise<void> {
      await of(id).deploy(stores.get(id)?.flow(keys) ?? []);
    }

    it('answers every message once, and none fails', async () => {
      const replies = of('left').out('sends', 0);
      let sent = 0;
      sending = setInterval(() => {
        of('left').send('sends', { payload: sent });
        sent += 1;
      }, SEND_EVERY_MS);
      await replies.count(1, WITHIN_MS);
      for (const keys of rounds(former, next)) {
        for (const id of stores.keys()) {
          await deploy(id, keys);
          // The links stand again.
          await replies.count(sent, WITHIN_MS);
        }
      }
      clearInterval(sending);
      await replies.count(sent, WITHIN_MS);
      const answered = replies.messages.map(({ payload }) => Number(payload)).sort((a, b) => a - b);
      assert.deepEqual(
        answered,
        Array.from({ length: sent }, (_, number) => number),
      );
      assert.deepEqual(of('left').out('sends', 2).messages, []);
    });

    it(`tells of links with the former key${refuses ? '' : ', and refuses nobody'}`, () => {
      const logs = [...instances.values()].map((instance) => instance.output()).join('\n');
      assert.match(logs, /still uses the former mesh key/);
      if (!refuses) assert.doesNotMatch(logs, /MESH_KEY_UNKNOWN/);
    });

    it('leaves out who has the former key alone', async () => {
      const told = of('right').output().length;
      await deploy('right', { meshKey: former, meshKeyOld: '' });
      await of('left').losesSightOf('left', 'work');
      await until(
        () => of('right').output().slice(told).includes('MESH_KEY_UNKNOWN'),
        'the refusal was not told',
        WITHIN_MS,
      );
      await deploy('right', { meshKey: next });
      await of('left').sees('left', 'work');
    });
  });
}
