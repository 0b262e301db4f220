import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { freePort } from '../support/free-port.js';
import { post, postJson } from '../support/hand-made.js';
import { RemoteStore } from '../support/remote-store.js';

const OFFER = {
  notifyType: 'producerNotification',
  service: 'svc',
  srcStoreName: 'mesh0:S9',
  srcStoreAddress: '127.0.0.1',
  srcStorePort: '9',
  transitAddress: '127.0.0.1',
  transitPort: '9',
  sendersHopCount: 1,
  redlinkMsgId: 'm1',
  redlinkProducerId: 'p1',
  enforceReversePath: true,
  consumerId: '',
};

describe('DEFECTS 34: whatever is posted to a store', () => {
  let port = 0;
  let store: RemoteStore;
  beforeEach(async () => {
    port = await freePort();
    store = await RemoteStore.open(port);
  });
  afterEach(() => store.close());

  it('a path that claims a hundred million entries is refused at once', async () => {
    const began = performance.now();
    const answer = await postJson(port, '/notify', { ...OFFER, notifyPath: { length: 1e8 } });
    assert.ok(performance.now() - began < 2_000);
    assert.match(answer.text, /"consumerId":""/);
  });

  it('a body over the limit is refused before it is parsed', async () => {
    const answer = await post(port, '/notify', `{"notifyType":"${'x'.repeat(2_000_000)}"}`);
    assert.equal(answer.status, 413);
    assert.match(answer.text, /BODY_TOO_LARGE/);
  });

  it('unknown types, empty objects, broken JSON and unknown paths get an answer', async () => {
    for (const [path, body] of [
      ['/notify', '{"notifyType":"nonsense"}'],
      ['/notify', '{}'],
      ['/notify', '{"notifyType"'],
      ['/notify', '[]'],
      ['/read-message', '{"redlinkMsgId":"x","notifyPath":"AAAA"}'],
      ['/reply-message', '{}'],
      ['/nosuch', '{}'],
    ] as const) {
      const answer = await post(port, path, body);
      assert.ok(answer.status > 0, `${path} ${body}`);
      assert.ok(answer.status < 500, `${path} ${body}: ${answer.status}`);
      assert.doesNotMatch(answer.text, /\bat .*\.(js|ts):\d+/, 'no stack');
    }
  });

  it('a read whose path ends in this very store is answered', async () => {
    const path = [
      { store: 'mesh0:remote', address: '127.0.0.1', port: String(port), enforceReversePath: true },
    ];
    const notifyPath = Buffer.from(JSON.stringify(path), 'utf16le').toString('base64');
    const answer = await postJson(port, '/read-message', {
      redlinkMsgId: 'x',
      notifyPath,
      redlinkProducerId: 'p',
      consumerId: 'c',
      consumerService: 'svc',
      consumerStoreName: 'mesh0:S9',
      readDelay: 1,
      enm: '0',
    });
    assert.match(answer.text, /"status":404/);
  });

  it('an offer whose path names this very store is refused', async () => {
    const path = [
      { store: 'mesh0:remote', address: '127.0.0.1', port: String(port), enforceReversePath: true },
    ];
    const answer = await postJson(port, '/notify', { ...OFFER, notifyPath: path });
    assert.match(answer.text, /"status":404/);
  });

  it('connections that say nothing are dropped when the store closes', async () => {
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    silent.on('error', () => undefined);
    const closed = once(silent, 'close');
    await store.close();
    await closed;
    store = await RemoteStore.open(port);
  });
});
