import assert from 'node:assert/strict';
import type { PayloadSource } from '../../src/protocol/payload-source.js';
import { decodeText } from '../../src/protocol/v3/codec.js';
import { openAsUtf8, textSource } from '../../src/protocol/v3/sources.js';
import type { Announce, ReadAnswer, Reply } from '../../src/protocol/verbs.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { InProcessDirectory } from '../../src/transport/in-process.js';
import { WirePeers } from '../../src/transport/wire-peers.js';
import { serveVerbs } from '../../src/transport/wire-server.js';
import type { Serve } from '../../src/transport/port.js';
import { MemorySpool } from '../protocol/v3/replies.js';
import { collect } from '../protocol/v3/streams.js';
import { WireLoopback } from './wire-loopback.js';
import {
  capabilitiesOf,
  CONFIRM,
  HOPS,
  META,
  NORTH,
  OFFER,
  READ,
  REPLY,
  SOUTH,
  ToldAnswerer,
} from './wire-stores.js';

const ANNOUNCE: Announce = {
  verb: 'announce',
  from: SOUTH,
  capabilities: capabilitiesOf('mesh0:S1'),
  hadLostYou: false,
};
const CLOCK = new SystemClock();
const TEXT = JSON.stringify({ payload: '𝄞 服务', _msgid: 'a' });
const RESTORE = { dates: [['payload']] };

/** A store in the south that asks one in the north, over a wire without a network. */
async function pair(answerer: ToldAnswerer) {
  const wire = new WireLoopback();
  const peers = new WirePeers(wire, CLOCK);
  const northPeers = new WirePeers(wire, CLOCK);
  const spool = new MemorySpool();
  const serve = serveVerbs(answerer, {
    spool: spool.spool,
    discard: spool.discard,
    learn: (from, capabilities) => {
      northPeers.learn(from, capabilities);
    },
    clock: CLOCK,
    log: SILENT_LOG,
  });
  await wire.listen({ address: NORTH }, serve);
  return { wire, peers, northPeers, answerer };
}

/** A peer that answers so, whatever it is asked. */
async function answering(response: Awaited<ReturnType<Serve>>) {
  const wire = new WireLoopback();
  await wire.listen({ address: NORTH }, async () => response);
  return new WirePeers(wire, CLOCK);
}

function holding(body: PayloadSource, settled: boolean[] = []): ToldAnswerer {
  return new ToldAnswerer(capabilitiesOf('mesh0:S2'), {
    read: () => ({ kind: 'found', meta: META, body, settle: (delivered) => settled.push(delivered) }),
  });
}

async function textOf(answer: ReadAnswer): Promise<string> {
  assert.ok(answer.kind === 'found');
  return (await collect(openAsUtf8(answer.body))).toString('utf8');
}

describe('other stores, over the wire', () => {
  it('every verb arrives as it was sent, and its answer too', async () => {
    const { peers, answerer } = await pair(
      new ToldAnswerer(capabilitiesOf('mesh0:S2'), {
        offer: () => ({
          kind: 'accepted',
          consumerId: 'c1',
          consumerStore: 'mesh0:S2',
          room: 25,
          path: HOPS,
        }),
        confirm: () => ({
          kind: 'confirmed',
          leased: false,
          consumerId: 'c1',
          consumerStore: 'mesh0:S2',
          service: 'svc',
          room: 50,
        }),
        reply: () => ({ kind: 'rejected' }),
      }),
    );
    assert.deepEqual(await peers.call(NORTH, OFFER), {
      kind: 'accepted',
      consumerId: 'c1',
      consumerStore: 'mesh0:S2',
      room: 25,
      path: HOPS,
    });
    assert.equal((await peers.call(NORTH, CONFIRM)).kind, 'confirmed');
    assert.deepEqual(await peers.call(NORTH, READ), { kind: 'notFound', reason: 'gone' });
    assert.deepEqual(await peers.call(NORTH, REPLY), { kind: 'rejected' });
    assert.deepEqual(await peers.call(NORTH, ANNOUNCE), { kind: 'acknowledged' });
    const asked = answerer.asked.map((verb) =>
      verb.verb === 'reply' ? { ...verb, payload: verb.payload.text } : verb,
    );
    assert.deepEqual(asked, [OFFER, CONFIRM, READ, { ...REPLY, payload: REPLY.payload.text }, ANNOUNCE]);
  });

  it('a refusal for want of room names the store, one for want of a way does not', async () => {
    for (const consumerStore of ['mesh0:S2', undefined]) {
      const answer = {
        kind: 'noRoom' as const,
        path: HOPS,
        ...(consumerStore === undefined ? {} : { consumerStore }),
      };
      const { peers } = await pair(new ToldAnswerer(capabilitiesOf('mesh0:S2'), { offer: () => answer }));
      assert.deepEqual(await peers.call(NORTH, OFFER), answer);
    }
  });

  it('a message passes in the codec of version 3, and is settled when it has passed', async () => {
    for (const size of [1, 60_000]) {
      const settled: boolean[] = [];
      const text = JSON.stringify({ payload: '𝄞'.repeat(size) });
      const { peers, wire } = await pair(holding(textSource(text), settled));
      const answer = await peers.call(NORTH, READ);
      assert.deepEqual(settled, []);
      assert.equal(await textOf(answer), text);
      assert.deepEqual(settled, [true]);
      assert.equal(answer.kind === 'found' && answer.body.encoding, 'codec');
      assert.deepEqual(answer.kind === 'found' && answer.meta, {
        ...META,
        deadlineInMs: undefined,
        deliveryCount: 1,
      });
      assert.equal(wire.responses[0]?.headers['servicename'], 'svc');
    }
  });

  it('a reader that goes away early leaves the message unread', async () => {
    const settled: boolean[] = [];
    const { peers } = await pair(holding(textSource(JSON.stringify('x'.repeat(200_000))), settled));
    const answer = await peers.call(NORTH, READ);
    assert.ok(answer.kind === 'found');
    for await (const chunk of answer.body.open()) if (chunk.length > 0) break;
    assert.deepEqual(settled, [false]);
  });

  it('between new stores a message keeps its Dates, its deadline and any letters in its names', async () => {
    const body = textSource(TEXT, RESTORE);
    const meta = { ...META, service: '服务', preserved: 'stays', deadlineInMs: Infinity };
    for (const large of ['', 'x'.repeat(100_000)]) {
      const answerer = new ToldAnswerer(capabilitiesOf('mesh0:S2'), {
        read: () => ({
          kind: 'found',
          meta,
          body: large === '' ? body : textSource(JSON.stringify(large), RESTORE),
          settle: () => undefined,
        }),
      });
      const { peers } = await pair(answerer);
      await peers.call(NORTH, ANNOUNCE);
      const answer = await peers.call(NORTH, READ);
      assert.equal(await textOf(answer), large === '' ? TEXT : JSON.stringify(large));
      assert.ok(answer.kind === 'found');
      assert.deepEqual(answer.meta, { ...meta, preserved: '' });
      assert.deepEqual(answer.body.restore, RESTORE);
    }
  });

  it('between new stores a reply keeps its Dates', async () => {
    const { peers, answerer } = await pair(new ToldAnswerer(capabilitiesOf('mesh0:S2')));
    const reply: Reply = {
      ...REPLY,
      payload: textSource('"x"', { dates: [[]] }),
      consumerError: textSource('1'),
    };
    await peers.call(NORTH, ANNOUNCE);
    await peers.call(NORTH, reply);
    const arrived = answerer.asked.at(-1);
    assert.ok(arrived?.verb === 'reply');
    assert.deepEqual(arrived.payload.restore, { dates: [[]] });
    assert.equal(arrived.consumerError?.text, '1');
  });

  it('says nothing of version 4 to a store that did not, the announcement aside', async () => {
    const wire = new WireLoopback();
    const ok = { action: 'consumerRegistration', status: 200 };
    await wire.listen({ address: NORTH }, async () => ({
      status: 200,
      headers: {},
      body: JSON.stringify(ok),
    }));
    const peers = new WirePeers(wire, CLOCK);
    await peers.call(NORTH, ANNOUNCE);
    await peers.call(NORTH, { ...REPLY, payload: textSource('"x"', { dates: [[]] }) });
    await assert.rejects(peers.call(NORTH, READ), { code: 'PEER_ANSWER' });
    assert.equal(peers.capabilities(NORTH), undefined);
    assert.deepEqual(
      wire.requests.map(({ body }) => body.includes('"redlink"')),
      [true, false, false],
    );
  });

  it('both sides learn from an announcement, and forget when the store comes back as 3.0.5', async () => {
    const { peers, northPeers } = await pair(new ToldAnswerer(capabilitiesOf('mesh0:S2')));
    await peers.call(NORTH, ANNOUNCE);
    assert.deepEqual(peers.capabilities(NORTH), capabilitiesOf('mesh0:S2'));
    assert.deepEqual(northPeers.capabilities(SOUTH), capabilitiesOf('mesh0:S1'));
    await peers.call(NORTH, { ...ANNOUNCE, capabilities: undefined });
    assert.equal(peers.capabilities(NORTH), undefined);
    assert.equal(northPeers.capabilities(SOUTH), undefined);
  });

  it('a large reply goes out as a stream that ends with its payload', async () => {
    const { peers, answerer, wire } = await pair(new ToldAnswerer(capabilitiesOf('mesh0:S2')));
    const text = JSON.stringify('𝄞'.repeat(50_000));
    await peers.call(NORTH, { ...REPLY, payload: { ...textSource(text), text: undefined } });
    const arrived = answerer.asked.at(-1);
    assert.ok(arrived?.verb === 'reply');
    assert.equal(arrived.payload.text, text);
    const sent: unknown = JSON.parse(wire.requests[0]?.body ?? '');
    const [name, value] = fieldsOf(sent).at(-1) ?? [];
    assert.equal(name, 'payload');
    assert.equal(decodeText(String(value)), text);
  });

  for (const [what, status, body, code] of [
    ['a page of HTML with status 500', 500, '<html>TypeError</html>', 'PEER_ANSWER'],
    ['text with status 200', 200, 'fine', 'PEER_ANSWER'],
    ['an array', 200, '[]', 'PEER_ANSWER'],
    ['a body of 2 MB', 200, JSON.stringify('x'.repeat(2_000_000)), 'PEER_ANSWER'],
    ['a path that is an object', 200, '{"consumerId":"c","notifyPath":{"length":1e8}}', 'PEER_ANSWER'],
    [
      'a store further on that is gone',
      502,
      '{"error":"no way","code":"PEER_UNREACHABLE"}',
      'PEER_UNREACHABLE',
    ],
  ] as const) {
    it(`an offer answered with ${what} is a failure with a code`, async () => {
      const peers = await answering({ status, headers: {}, body });
      await assert.rejects(peers.call(NORTH, OFFER), { code });
    });
  }

  it('a read answered with another message, or none that makes sense, is a failure', async () => {
    for (const [headers, body] of [
      [{ redlinkmsgid: 'other' }, 'ewB9AA=='],
      [{ redlinkmsgid: 'm1', read: 'perhaps' }, 'ewB9AA=='],
      [{ 'content-type': 'application/vnd.redlink.message' }, '{"no":"line feed"}'],
      [{ 'content-type': 'application/vnd.redlink.message' }, '{"messageId":7}\n{}'],
      [{ 'content-type': 'application/vnd.redlink.message' }, 'x'.repeat(2_000_000)],
      [{}, 'ewB9AA=='],
    ] as const) {
      const peers = await answering({ status: 200, headers, body });
      await assert.rejects(peers.call(NORTH, READ), { code: 'PEER_ANSWER' });
    }
  });

  it('a relay of version 3 that reaches nobody is told from a message that is gone', async () => {
    const dead = await answering({ status: 200, headers: {}, body: '{"error":"no response from there"}' });
    await assert.rejects(dead.call(NORTH, READ), {
      code: 'PEER_UNREACHABLE',
      message: 'no response from there',
    });
    const gone = await answering({ status: 200, headers: {}, body: '{"err":"not found","status":404}' });
    assert.deepEqual(await gone.call(NORTH, READ), { kind: 'notFound', reason: 'not found' });
  });

  it('a store that nobody listens at is unreachable', async () => {
    await assert.rejects(new WirePeers(new WireLoopback(), CLOCK).call(NORTH, OFFER), {
      code: 'PEER_UNREACHABLE',
    });
  });

  it('a store of the same process is called, not posted to', async () => {
    const wire = new WireLoopback();
    const directory = new InProcessDirectory();
    const answerer = holding(textSource('{}'));
    directory.register([NORTH], answerer);
    const peers = new WirePeers(wire, CLOCK, directory);
    assert.equal((await peers.call(NORTH, READ)).kind, 'found');
    assert.equal(answerer.asked[0], READ);
    assert.deepEqual(answerer.senders, [{ remoteIp: undefined, storeName: undefined }]);
    assert.deepEqual(wire.requests, []);
    assert.deepEqual(peers.capabilities(NORTH), capabilitiesOf('mesh0:S2'));
  });

  it('remembers a bounded number of peers, those heard last', () => {
    const peers = new WirePeers(new WireLoopback(), CLOCK);
    for (let port = 1; port <= 2_000; port += 1) {
      peers.learn({ host: 'h', port: String(port) }, capabilitiesOf('mesh0:S2'));
    }
    assert.equal(peers.capabilities({ host: 'h', port: '1' }), undefined);
    assert.notEqual(peers.capabilities({ host: 'h', port: '2000' }), undefined);
  });
});

function fieldsOf(body: unknown): [string, unknown][] {
  assert.ok(typeof body === 'object' && body !== null);
  return Object.entries(body);
}

describe('the stores of this process', () => {
  const first = new ToldAnswerer(capabilitiesOf('mesh0:A'));
  const second = new ToldAnswerer(capabilitiesOf('mesh0:B'));

  it('are found by the address that they advertise, in any case of letters', () => {
    const directory = new InProcessDirectory();
    directory.register([{ host: 'Pi.local', port: '2000' }], first);
    assert.equal(directory.find({ host: 'pi.LOCAL', port: '2000' }), first);
    assert.equal(directory.find({ host: 'pi.local', port: '2001' }), undefined);
    assert.equal(directory.find({ host: 'other', port: '2000' }), undefined);
  });

  it('are found by loopback and by the names of this machine', () => {
    const directory = new InProcessDirectory(['Box', '192.168.1.5']);
    directory.register([{ host: '10.0.0.1', port: '2000' }], first);
    for (const host of ['localhost', '127.0.0.1', '127.0.1.1', '::1', '[::1]', 'box', '192.168.1.5']) {
      assert.equal(directory.find({ host, port: '2000' }), first, host);
    }
  });

  it('are not guessed where two of them have the port', () => {
    const directory = new InProcessDirectory();
    directory.register([{ host: '127.0.0.1', port: '2000' }], first);
    directory.register([{ host: '127.0.0.2', port: '2000' }], second);
    assert.equal(directory.find({ host: '127.0.0.2', port: '2000' }), second);
    assert.equal(directory.find({ host: 'localhost', port: '2000' }), undefined);
  });

  it('are found no more once they are gone', () => {
    const directory = new InProcessDirectory();
    directory.register([{ host: 'a', port: '1' }], first);
    directory.register([{ host: 'b', port: '2' }], first);
    assert.equal(directory.find({ host: 'a', port: '1' }), undefined);
    directory.unregister(first);
    directory.unregister(first);
    assert.equal(directory.find({ host: 'b', port: '2' }), undefined);
  });
});
