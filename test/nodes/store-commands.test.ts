import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import { type FlowMessage, pause, until } from '../support/outlet.js';
import { RemoteStore } from '../support/remote-store.js';
import { consumerNode, producerNode, storeNode, TestFlow } from '../support/test-flow.js';

/** Most rows that a list shows (NODES.md, "Columns"). */
const MAX_LISTED = 1_000;

/** Columns of `globalConsumers` (NODES.md). */
const COLUMNS_OF_3_0_5 = [
  'localStoreName',
  'serviceName',
  'consumerId',
  'storeName',
  'direction',
  'storeAddress',
  'storePort',
  'transitAddress',
  'transitPort',
  'hopCount',
  'ttl',
  'ecm',
  'erm',
  'enm',
];
const COLUMNS_OF_4 = ['nextHop', 'load', 'loadAgeSeconds', 'ageSeconds', 'path'];

describe('the commands of a store', () => {
  let flow: TestFlow;
  let port: number;
  let directory: string;
  beforeEach(async () => {
    port = await freePort();
    directory = mkdtempSync(join(tmpdir(), 'redlink-large-'));
    const north = { ip: '127.0.0.1', port: String(port + 1), redistribute: 'true' };
    flow = await TestFlow.start(
      [
        storeNode('s', port, { headers: [north] }),
        producerNode('p', { manualRead: true, priority: 2, notifyInterval: 0.1 }),
        producerNode('q', { producerConsumer: 'paused' }),
        consumerNode('m', { manualReadReceiveSend: true, intransit: 1 }),
        consumerNode('paused', { name: 'paused', intransit: 0 }),
        consumerNode('again', { name: 'paused', intransit: 0 }),
      ],
      { largeMessagesDirectory: directory, largeMessageThreshold: 1_000 },
    );
    await flow.showsStatus('s', /./);
    await until(() => flow.statusText('again') === 'N:0', 'the consumers did not attach');
  });
  afterEach(async () => {
    await flow.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const command = async (topic: unknown): Promise<FlowMessage> => {
    flow.send('s', { topic });
    return flow.out('s', 'command').next();
  };
  const files = (): string[] =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
  const rowsOf = (answer: FlowMessage, list: string): FlowMessage[] => answer[list] as FlowMessage[];

  it('listServices names each service once', async () => {
    const { services, ...rest } = await command('listServices');
    assert.deepEqual([...(services as string[])].sort(), ['paused', 'svc']);
    assert.deepEqual(Object.keys(rest), ['_msgid']);
  });

  it('listRegistrations gives consumers, routes, the store and the peers, as rows of 3.0.5', async () => {
    const { _msgid, ...answer } = await command('listRegistrations');
    assert.equal(typeof _msgid, 'string');
    assert.deepEqual(Object.keys(answer), ['localConsumers', 'globalConsumers', 'store', 'peers']);
    assert.deepEqual(rowsOf(answer, 'localConsumers')[0], {
      storeName: 'mesh0:s',
      serviceName: 'svc',
      consumerId: 'm',
      inTransitLimit: 1,
    });
    const { ttl, ...route } = rowsOf(answer, 'globalConsumers')[0] ?? {};
    assert.ok(Math.abs(Number(ttl) - (Date.now() / 1_000 + 120)) < 30);
    const { nextHop, load, loadAgeSeconds, ageSeconds, path, ...known } = route;
    assert.deepEqual([nextHop, load, ageSeconds, path], ['', 0, 0, []]);
    assert.ok(Number(loadAgeSeconds) >= 0);
    assert.deepEqual(known, {
      localStoreName: 'mesh0:s',
      serviceName: 'svc',
      consumerId: 'm',
      storeName: 'mesh0:s',
      direction: 'local',
      storeAddress: '127.0.0.1',
      storePort: port,
      transitAddress: '127.0.0.1',
      transitPort: port,
      hopCount: 0,
      ecm: 0,
      erm: 0,
      enm: 0,
    });
    assert.deepEqual(answer['store'], [{ storeName: 'mesh0:s', storeAddress: '127.0.0.1', storePort: port }]);
    assert.deepEqual(answer['peers'], {
      northPeers: [{ ip: '127.0.0.1', port: String(port + 1), redistribute: 'true' }],
      southPeers: [],
    });
  });

  it('listRegistrations says of each route where it goes next, over which stores, and how old the word of it is', async () => {
    const next = await RemoteStore.open(port + 1);
    try {
      next.consumer({ id: 'far consumer', service: 'far' });
      await flow.showsStatus('s', /Global\(4\)/);
      const row = rowsOf(await command('listRegistrations'), 'globalConsumers').find(
        ({ serviceName }) => serviceName === 'far',
      );
      assert.deepEqual(Object.keys(row ?? {}), [...COLUMNS_OF_3_0_5, ...COLUMNS_OF_4]);
      assert.equal(row?.['nextHop'], 'mesh0:remote');
      assert.deepEqual(row['path'], ['mesh0:remote']);
      assert.equal(row['load'], row['enm']);
      for (const age of [row['ageSeconds'], row['loadAgeSeconds']]) {
        assert.ok(Number(age) >= 0 && Number(age) < 60, String(age));
      }
    } finally {
      await next.close();
    }
  });

  it('listStore gives messages, notifies and replies, as rows of 3.0.5', async () => {
    const [first, second, third] = [1, 2, 3].map((n) =>
      flow.send('p', { payload: `m${n}`, preserved: { n }, _msgid: `in ${n}` }),
    );
    await flow.showsStatus('m', 'N:1');
    flow.send('m', { topic: 'read' });
    await flow.out('m', 'receive').next();
    flow.send('m', { redlinkMsgId: first?.['redlinkMsgId'], payload: 'answer' });
    await flow.showsStatus('p', 'M:1 N:1 R:1');

    const answer = await command('listStore');
    assert.deepEqual(Object.keys(answer), ['store', 'messages', 'notifies', 'replies', '_msgid']);
    const messages = rowsOf(answer, 'messages');
    assert.deepEqual(
      messages.map((row) => [row['redlinkMsgId'], row['read'], row['consumerId']]),
      [
        [first?.['redlinkMsgId'], true, 'm'],
        [second?.['redlinkMsgId'], false, 'm'],
        [third?.['redlinkMsgId'], false, ''],
      ],
    );
    const { timestamp, lifetime, timeSinceNotify, message, ...row } = messages[0] ?? {};
    assert.ok(Number.isInteger(timestamp) && Number.isInteger(lifetime) && Number.isInteger(timeSinceNotify));
    const { preserved, ...whole } = first ?? {};
    assert.deepEqual(preserved, { n: 1 });
    assert.deepEqual(decoded(message), whole);
    assert.deepEqual(row, {
      redlinkMsgId: first?.['redlinkMsgId'],
      storeName: 'mesh0:s',
      serviceName: 'svc',
      read: true,
      sendOnly: false,
      redlinkProducerId: 'p',
      preserved: encoded({ n: 1 }),
      priority: 2,
      isLargeMessage: false,
      enforceReversePath: true,
      consumerId: 'm',
    });
    const [notify, ...noMore] = rowsOf(answer, 'notifies');
    assert.deepEqual(noMore, []);
    const { notifyPath, notifyTime, ...assignment } = notify ?? {};
    assert.ok(Number.isInteger(notifyTime));
    assert.deepEqual(decoded(notifyPath), [
      { store: 'mesh0:s', address: '127.0.0.1', port: String(port), enforceReversePath: true },
    ]);
    assert.deepEqual(assignment, {
      storeName: 'mesh0:s',
      serviceName: 'svc',
      srcStoreName: 'mesh0:s',
      srcStoreAddress: '127.0.0.1',
      srcStorePort: port,
      redlinkMsgId: second?.['redlinkMsgId'],
      notifySent: 'm',
      read: false,
      redlinkProducerId: 'p',
      consumerId: 'm',
      confirmed: true,
      sendOnly: false,
    });
    assert.deepEqual(answer['replies'], [
      {
        storeName: 'mesh0:s',
        redlinkMsgId: first?.['redlinkMsgId'],
        redlinkProducerId: 'p',
        replyMessage: encoded('answer'),
        read: false,
        isLargeMessage: false,
        cerror: '',
      },
    ]);
  });

  it('a payload over largeMessageThreshold lies in largeMessagesDirectory until its message ends', async () => {
    flow.send('p', { payload: 'L'.repeat(1_000) });
    await flow.showsStatus('m', 'N:1');
    const [row] = rowsOf(await command('listStore'), 'messages');
    assert.equal(row?.['isLargeMessage'], true);
    assert.equal(files().length, 1);
    flow.send('m', { topic: 'read' });
    const { redlinkMsgId, payload } = await flow.out('m', 'receive').next();
    assert.equal(payload, 'L'.repeat(1_000));
    flow.send('m', { redlinkMsgId, payload: 'R'.repeat(1_000) });
    await flow.showsStatus('p', 'M:0 N:0 R:1');
    flow.send('p', { topic: 'read' });
    assert.equal((await flow.out('p', 'receive').next())['payload'], 'R'.repeat(1_000));
    await until(
      () => files().length === 0,
      () => `${files().join()} is left`,
    );
  });

  it('flushStore empties the store, files too, and answers as listStore; nothing comes out for it', async () => {
    for (const payload of ['one', 'two', 'L'.repeat(1_000)]) flow.send('p', { payload });
    await flow.showsStatus('m', 'N:1');
    flow.send('m', { topic: 'read' });
    const { redlinkMsgId } = await flow.out('m', 'receive').next();
    await flow.showsStatus('p', 'M:2 N:1 R:0');
    const answer = await command('flushStore');
    assert.deepEqual([answer['messages'], answer['notifies'], answer['replies']], [[], [], []]);
    await flow.showsStatus('p', 'M:0 N:0 R:0');
    await until(
      () => files().length === 0,
      () => `${files().join()} is left`,
    );
    flow.send('m', { redlinkMsgId, payload: 'too late' });
    await flow.out('m', 'failure').next();
    flow.send('p', { payload: 'next' });
    await flow.showsStatus('m', 'N:1');
    await pause(200);
    for (const output of [0, 1, 2]) assert.deepEqual(flow.outNumber('p', output).messages, []);
  });

  it('anything else is answered with help that names the commands', async () => {
    for (const topic of ['nonsense', undefined, 7]) {
      const { help } = await command(topic);
      for (const name of ['listServices', 'listRegistrations', 'listStore', 'flushStore']) {
        assert.match(String(help), new RegExp(name));
      }
    }
  });

  it('a long list shows the newest, and how many there are in all', async () => {
    for (let sent = 0; sent < MAX_LISTED + 5; sent += 1) flow.send('q', { payload: sent });
    await flow.showsStatus('q', `M:${MAX_LISTED + 5} N:0 R:0`);
    const answer = await command('listStore');
    const payloads = rowsOf(answer, 'messages').map(
      (row) => (decoded(row['message']) as { payload: number }).payload,
    );
    assert.equal(payloads.length, MAX_LISTED);
    assert.deepEqual([payloads[0], payloads.at(-1)], [5, MAX_LISTED + 4]);
    assert.deepEqual(answer['totals'], { messages: MAX_LISTED + 5 });
  });
});

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf16le').toString('base64');
}

function decoded(text: unknown): unknown {
  return JSON.parse(Buffer.from(String(text), 'base64').toString('utf16le'));
}
