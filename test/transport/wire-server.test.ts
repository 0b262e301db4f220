import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encode } from '../../src/protocol/v3/codec.js';
import type { ReadAnswer } from '../../src/protocol/verbs.js';
import { textSource } from '../../src/protocol/v3/sources.js';
import { RedlinkError } from '../../src/support/errors.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import type { Sender } from '../../src/transport/port.js';
import { serveVerbs } from '../../src/transport/wire-server.js';
import { MemorySpool } from '../protocol/v3/replies.js';
import { recordedExchanges } from '../protocol/v3/recordings.js';
import { collect } from '../protocol/v3/streams.js';
import { pieces } from './wire-loopback.js';
import { capabilitiesOf, META, ToldAnswerer } from './wire-stores.js';

const HOP = { store: 'mesh0:S1', address: '10.0.0.1', port: '2001', enforceReversePath: true };
const OFFER = {
  notifyType: 'producerNotification',
  service: 'svc',
  srcStoreName: 'mesh0:S1',
  srcStoreAddress: '10.0.0.1',
  srcStorePort: '2001',
  notifyPath: [HOP],
  sendersHopCount: 1,
  redlinkMsgId: 'm1',
  redlinkProducerId: 'p1',
  enforceReversePath: true,
  consumerId: '',
};
const CONFIRMATION = {
  ...OFFER,
  notifyType: 'confirmNotification',
  consumerId: 'c1',
  tempPath: [HOP],
};
const READ = {
  redlinkMsgId: 'm1',
  notifyPath: encode([]),
  redlinkProducerId: 'p1',
  consumerId: 'c1',
  consumerService: 'svc',
  consumerStoreName: 'mesh0:S2',
  readDelay: 1,
  enm: '0',
};
const REPLY = {
  redlinkProducerId: 'p1',
  replyingService: 'svc',
  replyingServiceId: 'c1',
  redlinkMsgId: 'm1',
  replyDelay: 1,
  payload: encode('x'),
  notifyPath: encode([]),
  enm: '0',
  cerror: '',
};
const ANNOUNCEMENT = {
  consumer: { direction: 'store', transitAddress: '10.0.0.1', transitPort: '2001', hopCount: 0 },
  notifyType: 'consumerRegistration',
};

/** One store on the wire, and what it did. */
class Served {
  readonly spool = new MemorySpool();
  readonly learned: unknown[] = [];
  readonly logged: string[] = [];
  private readonly serve;

  constructor(readonly answerer: ToldAnswerer = new ToldAnswerer(capabilitiesOf('mesh0:S1'))) {
    this.serve = serveVerbs(answerer, {
      spool: this.spool.spool,
      discard: this.spool.discard,
      learn: (from, capabilities) => this.learned.push({ from, capabilities }),
      clock: new SystemClock(),
      log: { ...SILENT_LOG, error: (text) => this.logged.push(text) },
    });
  }

  async ask(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await this.serve({ path, headers, remoteIp: '10.0.0.1', body: pieces(text) });
    const answer = (await collect(pieces(response.body))).toString('utf8');
    return { ...response, text: answer };
  }

  async json(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
    const { status, text } = await this.ask(path, body);
    return { status, body: JSON.parse(text) };
  }
}

function failing(thrown: Error): ToldAnswerer {
  const fail = (): never => {
    throw thrown;
  };
  return new ToldAnswerer(capabilitiesOf('mesh0:S1'), {
    announce: fail,
    offer: fail,
    confirm: fail,
    read: fail,
    reply: fail,
  });
}

function finding(
  settled: boolean[],
  answer: Partial<Extract<ReadAnswer, { kind: 'found' }>> = {},
): ToldAnswerer {
  return new ToldAnswerer(capabilitiesOf('mesh0:S1'), {
    read: () => ({
      kind: 'found',
      meta: META,
      body: textSource('{"payload":1}'),
      settle: (delivered) => settled.push(delivered),
      ...answer,
    }),
  });
}

describe('a store on the wire, as answerer', () => {
  for (const [what, path, body, status, code] of [
    ['an unknown path', '/nosuch', {}, 404, 'NOT_FOUND'],
    ['no notifyType (DEFECTS 34)', '/notify', {}, 400, 'BAD_REQUEST'],
    ['an unknown notifyType (DEFECTS 34)', '/notify', { notifyType: 'nonsense' }, 400, 'BAD_REQUEST'],
    [
      'a registration without consumer',
      '/notify',
      { notifyType: 'consumerRegistration' },
      400,
      'BAD_REQUEST',
    ],
    ['broken JSON', '/notify', '{"notifyType":', 400, 'BAD_REQUEST'],
    ['broken JSON in a read', '/read-message', '{', 400, 'BAD_REQUEST'],
    ['a body of 2 MB (DEFECTS 34)', '/notify', `"${'x'.repeat(2_000_000)}"`, 413, 'BODY_TOO_LARGE'],
    ['a body nested 100,000 deep', '/notify', '['.repeat(100_000), 400, 'BAD_REQUEST'],
    ['an empty reply', '/reply-message', {}, 400, 'BAD_REQUEST'],
    [
      'a reply whose path is no array (DEFECTS 34)',
      '/reply-message',
      { ...REPLY, notifyPath: { length: 1e8 } },
      400,
      'BAD_REQUEST',
    ],
    ['no object at all', '/reply-message', '7', 400, 'BAD_REQUEST'],
  ] as const) {
    it(`answers ${what} with a code, and asks nobody`, async () => {
      const store = new Served();
      const answer = await store.ask(path, body);
      assert.equal(answer.status, status);
      assert.deepEqual(pick(JSON.parse(answer.text), ['code']), [code]);
      assert.equal(answer.text.includes('    at '), false);
      assert.deepEqual(store.answerer.asked, []);
    });
  }

  it('answers a bad offer with "not now", since anything else strands a 3.0.5 store', async () => {
    const store = new Served();
    for (const bad of [
      { ...OFFER, redlinkMsgId: { $ne: 1 } },
      { ...OFFER, notifyPath: { length: 1e8 } },
      { ...OFFER, service: "x'); DROP" + '\u0000' },
      { notifyType: 'producerNotification' },
    ]) {
      const { status, body } = await store.json('/notify', bad);
      assert.equal(status, 200);
      assert.deepEqual(pick(body, ['consumerId', 'enm', 'status', 'code']), ['', 100, 404, 'BAD_REQUEST']);
      assert.ok(Array.isArray(pick(body, ['notifyPath'])[0]));
    }
    assert.deepEqual(store.answerer.asked, []);
  });

  it('answers an offer with "not now" and its path where the store fails in any way', async () => {
    for (const thrown of [new RedlinkError('PEER_TIMEOUT', 'late'), new TypeError('a fault of ours')]) {
      const store = new Served(failing(thrown));
      const { status, body } = await store.json('/notify', OFFER);
      assert.equal(status, 200);
      assert.deepEqual(pick(body, ['consumerId', 'enm', 'status', 'notifyPath']), ['', 100, 404, [HOP]]);
      assert.equal(JSON.stringify(body).includes('a fault of ours'), false);
      assert.equal(store.logged.length, thrown instanceof RedlinkError ? 0 : 1);
    }
  });

  it('answers a bad or failing confirmation with status 404 and no path', async () => {
    const bad = await new Served().json('/notify', { ...CONFIRMATION, tempPath: 'none' });
    const failed = await new Served(failing(new RedlinkError('CLOSED', 'closing'))).json(
      '/notify',
      CONFIRMATION,
    );
    const refused = await new Served().json('/notify', CONFIRMATION);
    for (const { status, body } of [bad, failed, refused]) {
      assert.equal(status, 200);
      assert.deepEqual(pick(body, ['status', 'notifyPath', 'service', 'consumerId', 'enm']), [
        404,
        [],
        'svc',
        'c1',
        '100',
      ]);
    }
  });

  it('answers a bad or failing read in the form of a message not found', async () => {
    const bad = await new Served().json('/read-message', { ...READ, notifyPath: encode({ length: 1e8 }) });
    const failed = await new Served(failing(new Error('a fault of ours'))).json('/read-message', READ);
    for (const { status, body } of [bad, failed]) {
      assert.equal(status, 200);
      assert.deepEqual(pick(body, ['redlinkProducerId', 'redlinkConsumerId', 'status']), ['p1', 'c1', 404]);
      assert.equal(JSON.stringify(body).includes('a fault of ours'), false);
    }
  });

  it('answers a read without id as 3.0.5 does', async () => {
    const store = new Served();
    const answer = await store.json('/read-message', { ...READ, redlinkMsgId: undefined });
    assert.deepEqual(answer, {
      status: 200,
      body: { err: 'redlinkMsgId not specified', redlinkProducerId: 'p1', status: 400 },
    });
    assert.deepEqual(store.answerer.asked, []);
  });

  it('says a message is not found in the words of the store', async () => {
    const { body } = await new Served().json('/read-message', READ);
    assert.deepEqual(body, { err: 'gone', redlinkProducerId: 'p1', redlinkConsumerId: 'c1', status: 404 });
  });

  it('answers a stranger with HTTP 404, and does not learn from it', async () => {
    const store = new Served(
      new ToldAnswerer(capabilitiesOf('mesh0:S1'), { announce: () => ({ kind: 'unknownPeer' }) }),
    );
    const answer = await store.json('/notify', ANNOUNCEMENT);
    assert.deepEqual(answer, { status: 404, body: { action: 'consumerRegistration', status: 404 } });
    assert.deepEqual(store.learned, []);
  });

  it('tells its capabilities only to who told its own', async () => {
    const store = new Served();
    const old = await store.json('/notify', ANNOUNCEMENT);
    assert.deepEqual(old, { status: 200, body: { action: 'consumerRegistration', status: 200 } });
    const fresh = await store.json('/notify', { ...ANNOUNCEMENT, redlink: capabilitiesOf('mesh0:S2') });
    assert.deepEqual(pick(fresh.body, ['redlink']), [capabilitiesOf('mesh0:S1')]);
    const from = { host: '10.0.0.1', port: '2001' };
    assert.deepEqual(store.learned, [
      { from, capabilities: undefined },
      { from, capabilities: capabilitiesOf('mesh0:S2') },
    ]);
  });

  it('says who asks by the address of the connection', async () => {
    const store = new Served();
    await store.json('/notify', OFFER);
    assert.deepEqual(store.answerer.senders, [{ remoteIp: '10.0.0.1', storeName: undefined }]);
  });

  it('leaves out of the headers what 3.0.5 could not read there (DEFECTS 20)', async () => {
    const meta = { ...META, service: '服务', preserved: JSON.stringify('p'.repeat(7_000)), consumerId: '' };
    const answer = await new Served(finding([], { meta })).ask('/read-message', READ);
    assert.equal(answer.headers['servicename'], undefined);
    assert.equal(answer.headers['preserved'], '');
    assert.equal(answer.headers['consumerid'], undefined);
    assert.equal(answer.headers['redlinkmsgid'], 'm1');
    const kept = await new Served(finding([])).ask('/read-message', READ);
    assert.equal(kept.headers['preserved'], encode('kept'));
  });

  it('settles a found message once, as the network says', async () => {
    for (const complete of [true, false]) {
      const settled: boolean[] = [];
      const answer = await new Served(finding(settled)).ask('/read-message', READ);
      assert.deepEqual(settled, []);
      answer.onSent?.(complete);
      answer.onSent?.(!complete);
      assert.deepEqual(settled, [complete]);
    }
  });

  it('settles a found message as not read where its payload cannot be opened', async () => {
    const settled: boolean[] = [];
    const body = {
      ...textSource('{}'),
      text: undefined,
      open: (): never => {
        throw new RedlinkError('PAYLOAD_IO', 'the file is gone');
      },
    };
    const answer = await new Served(finding(settled, { body })).json('/read-message', READ);
    assert.deepEqual(pick(answer.body, ['status', 'code']), [404, 'PAYLOAD_IO']);
    assert.deepEqual(settled, [false]);
  });

  it('answers replies as 3.0.5 does', async () => {
    const received = await new Served().json('/reply-message', REPLY);
    assert.deepEqual(received, { status: 200, body: { msg: 'Reply received for m1', redlinkMsgId: 'm1' } });
    const rejecting = new ToldAnswerer(capabilitiesOf('mesh0:S1'), { reply: () => ({ kind: 'rejected' }) });
    const rejected = await new Served(rejecting).json('/reply-message', REPLY);
    assert.deepEqual(rejected, { status: 404, body: { msg: 'Reply Rejected for m1', redlinkMsgId: 'm1' } });
  });

  it('keeps nothing of a large reply from where it does not listen', async () => {
    const answerer = new ToldAnswerer(capabilitiesOf('mesh0:S1'));
    const refuse = ({ remoteIp }: Sender): never => {
      throw new RedlinkError('REFUSED_ADDRESS', `${remoteIp ?? ''} is not allowed`);
    };
    const store = new Served(Object.assign(answerer, { mustListenTo: refuse }));
    const answer = await store.json('/reply-message', { ...REPLY, payload: encode('x'.repeat(200_000)) });
    assert.equal(answer.status, 403);
    assert.deepEqual(pick(answer.body, ['error', 'code']), ['10.0.0.1 is not allowed', 'REFUSED_ADDRESS']);
    assert.deepEqual(store.spool.kept, []);
  });

  it('answers a large reply of new stores that ends too early as the bad request that it is', async () => {
    for (const body of ['', '{}', JSON.stringify(REPLY)]) {
      const { status, text } = await new Served().ask('/reply-message', body, {
        'content-type': 'application/vnd.redlink.reply',
      });
      assert.equal(status, 400);
      assert.deepEqual(pick(JSON.parse(text), ['code']), ['BAD_REQUEST']);
    }
  });

  it('keeps the payload of a large reply until the reply is answered, and no longer', async () => {
    const store = new Served(
      new ToldAnswerer(capabilitiesOf('mesh0:S1'), {
        reply: () => {
          assert.deepEqual(store.spool.discarded, []);
          return { kind: 'received' };
        },
      }),
    );
    await store.json('/reply-message', { ...REPLY, payload: encode('x'.repeat(100_000)) });
    assert.equal(store.spool.kept.length, 1);
    assert.deepEqual(store.spool.discarded, store.spool.kept);
  });

  it('answers any JSON on any path, with JSON', async () => {
    const recorded = recordedExchanges().map(({ body }) => body);
    const body = fc.oneof(
      fc.jsonValue(),
      fc
        .tuple(
          fc.constantFrom(...recorded),
          fc.dictionary(fc.constantFrom(...recorded.flatMap(Object.keys)), fc.jsonValue()),
        )
        .map(([valid, spoilt]) => ({ ...valid, ...spoilt })),
    );
    const path = fc.constantFrom('/notify', '/read-message', '/reply-message', '/', '');
    const store = new Served(finding([]));
    await fc.assert(
      fc.asyncProperty(path, body, async (to, wire) => {
        const { status, text, headers } = await store.ask(to, wire);
        assert.ok([200, 400, 404, 413].includes(status), String(status));
        if (headers['redlinkmsgid'] === undefined && !headers['content-type']?.startsWith('application/vnd'))
          JSON.parse(text);
      }),
      { numRuns: 500 },
    );
  });
});

function pick(body: unknown, names: readonly string[]): unknown[] {
  assert.ok(typeof body === 'object' && body !== null);
  const fields = new Map<string, unknown>(Object.entries(body));
  return names.map((name) => fields.get(name));
}
