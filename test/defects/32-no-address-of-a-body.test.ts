import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { freePort } from '../support/free-port.js';
import { postJson } from '../support/hand-made.js';
import { RemoteStore } from '../support/remote-store.js';

const codec = (value: unknown): string => Buffer.from(JSON.stringify(value), 'utf16le').toString('base64');

describe('DEFECTS 32: an address that a body names', () => {
  let store: RemoteStore;
  let trap: Server;
  let [port, trapPort, caught] = [0, 0, 0];
  beforeEach(async () => {
    [port, trapPort, caught] = [await freePort(), await freePort(), 0];
    trap = createServer((socket) => {
      caught += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => trap.listen(trapPort, '127.0.0.1', resolve));
    store = await RemoteStore.open(port);
  });
  afterEach(async () => {
    await store.close();
    await new Promise((resolve) => trap.close(resolve));
  });

  const hop = (address = '127.0.0.1', at = trapPort): object => ({
    store: 'mesh0:trap',
    address,
    port: String(at),
    enforceReversePath: true,
  });
  const offer = (path: object[], more: object): object => ({
    service: 'svc',
    srcStoreName: 'mesh0:trap',
    srcStoreAddress: '127.0.0.1',
    srcStorePort: String(trapPort),
    transitAddress: '127.0.0.1',
    transitPort: String(trapPort),
    notifyPath: path,
    sendersHopCount: 1,
    redlinkMsgId: 'm',
    redlinkProducerId: 'p',
    enforceReversePath: false,
    consumerId: 'c',
    ...more,
  });

  it('is not called: only neighbours are', async () => {
    const own = { store: 'mesh0:remote', address: '127.0.0.1', port: String(port), enforceReversePath: true };
    const path = [hop(), own];
    for (const [where, body] of [
      ['/notify', offer(path, { notifyType: 'producerNotification' })],
      ['/notify', offer(path, { notifyType: 'confirmNotification', tempPath: [own, hop()] })],
      [
        '/read-message',
        { redlinkMsgId: 'm', notifyPath: codec([hop()]), consumerId: 'c', redlinkProducerId: 'p' },
      ],
      [
        '/reply-message',
        { redlinkMsgId: 'm', notifyPath: codec([hop()]), payload: codec(1), redlinkProducerId: 'p' },
      ],
    ] as const) {
      const { status } = await postJson(port, where, body);
      assert.ok(status < 500, `${where}: ${status}`);
    }
    assert.equal(caught, 0);
  });

  it('is refused where it is more than a host', async () => {
    for (const host of ['127.0.0.1/path', 'user@127.0.0.1', '127.0.0.1?x', 'a b', '127.0.0.1#x', '']) {
      const answer = await postJson(port, '/read-message', {
        redlinkMsgId: 'm',
        notifyPath: codec([hop(host)]),
        consumerId: 'c',
        redlinkProducerId: 'p',
      });
      assert.match(answer.text, /404|BAD_REQUEST/, host);
    }
    assert.equal(caught, 0);
  });
});
