import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { consumerNode, storeNode, TestFlow } from '../support/test-flow.js';

describe('DEFECTS 28: stores of different meshes in one process', () => {
  it('do not see each other’s services, not even where one name begins with the other', async () => {
    const flow = await TestFlow.start([
      storeNode('s', await freePort()),
      storeNode('other', await freePort(), { name: 's', meshName: 'mesh' }),
      storeNode('longer', await freePort(), { name: 's', meshName: 'mesh01' }),
      consumerNode('c'),
    ]);
    try {
      await flow.showsStatus('s', /^Local\(1\)/);
      for (const [id, services] of [
        ['s', ['svc']],
        ['other', []],
        ['longer', []],
      ] as const) {
        flow.send(id, { topic: 'listServices' });
        assert.deepEqual((await flow.out(id, 'command').next())['services'], services, id);
      }
    } finally {
      await flow.stop();
    }
  });

  it('that share a mesh but no link do not see each other’s services either', async () => {
    const flow = await TestFlow.start([
      storeNode('s', await freePort()),
      storeNode('apart', await freePort()),
      consumerNode('c'),
    ]);
    try {
      await flow.showsStatus('s', /^Local\(1\)/);
      flow.send('apart', { topic: 'listServices' });
      assert.deepEqual((await flow.out('apart', 'command').next())['services'], []);
    } finally {
      await flow.stop();
    }
  });
});
