import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

const MEGABYTE = 1_000_000;
const TEST_LIMIT_MS = 60_000;

describe('DEFECTS 21: very large payloads', () => {
  let flow: TestFlow | undefined;
  afterEach(() => flow?.stop());

  it('a string of 200 MB is sent and arrives', async () => {
    flow = await TestFlow.start([storeNode('s', await freePort()), producerNode('p'), consumerNode('c')]);
    await flow.showsStatus('c', 'N:0');
    flow.send('p', { payload: 'x'.repeat(200 * MEGABYTE) });
    const { payload } = await flow.out('c', 'receive').next(TEST_LIMIT_MS);
    assert.ok(typeof payload === 'string');
    assert.equal(payload.length, 200 * MEGABYTE);
  }).timeout(TEST_LIMIT_MS);

  it('text beyond what can be sent is a failure that says why, at once', async () => {
    flow = await TestFlow.start([storeNode('s', await freePort()), producerNode('p'), consumerNode('c')]);
    await flow.showsStatus('p', 'M:0 N:0 R:0');
    // Each of them is too short to travel on its own; together they are more than V8 puts into one text.
    flow.send('p', { payload: new Array<string>(60_000).fill('x'.repeat(10_000)) });
    const failure = await flow.out('p', 'failure').next(TEST_LIMIT_MS);
    assert.equal(failure['code'], 'MESSAGE_TOO_LARGE');
    assert.equal(failure['action'], 'producerSend');
  }).timeout(TEST_LIMIT_MS);
});
