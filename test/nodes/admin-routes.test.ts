import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { z } from 'zod';
import { freePort } from '../support/free-port.js';
import { helper } from '../support/node-red.js';
import { consumerNode, storeNode, TestFlow } from '../support/test-flow.js';

const NORTHS = [{ address: 'north.example', port: 2000, redistribute: false }];

/** What somebody may have written beside it: not for everybody who may look at stores. */
const IN_SETTINGS = NORTHS.map((north) => ({ ...north, password: 'a secret' }));

describe('the admin routes', () => {
  let flow: TestFlow;
  before(async () => {
    flow = await TestFlow.start(
      [
        storeNode('s', await freePort()),
        storeNode('t', await freePort(), { meshName: 'other' }),
        storeNode('bad', 0),
        consumerNode('c'),
        consumerNode('c2', { name: 'second & last' }),
      ],
      { northPeers: IN_SETTINGS },
    );
    await flow.showsStatus('s', /^Local\(2\)/);
    await flow.showsStatus('t', /^Local\(0\)/);
  });
  after(() => flow.stop());

  const answer = async (path: string): Promise<unknown> => {
    const { status, body } = z
      .object({ status: z.number(), body: z.unknown() })
      .parse(await helper.request().get(path));
    assert.equal(status, 200);
    return body;
  };

  it('name the stores that run', async () => {
    assert.deepEqual(await answer('/redlink/stores'), ['mesh0:s', 'other:t']);
  });

  it('name the services that a store sees', async () => {
    assert.deepEqual(await answer('/redlink/services?store=mesh0:s'), ['svc', 'second & last']);
    assert.deepEqual(await answer('/redlink/services?store=other%3At'), []);
  });

  it('name none for a store that there is not, or none given, or nonsense', async () => {
    for (const query of ['?store=mesh0:none', '', '?store[]=mesh0:s', "?store=' OR 1=1"]) {
      assert.deepEqual(await answer(`/redlink/services${query}`), [], query);
    }
  });

  it('give the name of the machine and the north peers of settings.js', async () => {
    assert.equal(await answer('/redlink/hostname'), hostname());
    assert.deepEqual(await answer('/redlink/north-peers'), NORTHS);
  });

  it('answer what is no JSON, or too much of it, without a word about their code', async () => {
    const tries: [string, number][] = [
      ['{"host":', 400],
      [`{"host":"${'x'.repeat(6_000_000)}"}`, 413],
    ];
    for (const [body, expected] of tries) {
      for (const path of ['/redlink/test-peer', '/redlink/mesh-key']) {
        const answer: unknown = await helper
          .request()
          .post(path)
          .set('content-type', 'application/json')
          .send(body);
        const { status, text } = z.object({ status: z.number(), text: z.string() }).parse(answer);
        assert.equal(status, expected, path);
        assert.match(text, /^\{"error":"[a-z ]+","code":"BAD_REQUEST"\}$/);
      }
    }
  });

  it('are not at the paths of 3.0.5 any more', async () => {
    for (const path of ['/consumers', '/all-store-names', '/mesh-names', '/hostname', '/north-peers']) {
      const { status } = z.object({ status: z.number() }).parse(await helper.request().get(path));
      assert.equal(status, 404, path);
    }
  });
});
