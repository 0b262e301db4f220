import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeAdvertise } from '../../../src/protocol/v3/advertise.js';
import { decodeAnnounce } from '../../../src/protocol/v3/announce.js';
import { encode } from '../../../src/protocol/v3/codec.js';
import { decodeConfirm, decodeConfirmAnswer, refuseConfirm } from '../../../src/protocol/v3/confirm.js';
import { parseJson, readText } from '../../../src/protocol/v3/json-body.js';
import { decodeOffer, decodeOfferAnswer, refuseOffer } from '../../../src/protocol/v3/offer.js';
import { decodeRead } from '../../../src/protocol/v3/read.js';
import { RedlinkError } from '../../../src/support/errors.js';
import { recordedExchanges } from './recordings.js';
import { replyIn } from './replies.js';
import { chunked } from './streams.js';

/** What takes longer, ms, takes the longer the longer the text is. */
const AT_ONCE_MS = 5_000;

const OFFER = {
  service: 'svc',
  srcStoreAddress: '127.0.0.1',
  srcStorePort: '2000',
  srcStoreName: 'mesh0:S1',
  notifyPath: [],
  sendersHopCount: 1,
  redlinkMsgId: 'm1',
  redlinkProducerId: 'p1',
  enforceReversePath: true,
};
const HOP = { store: 'mesh0:S1', address: '127.0.0.1', port: '2000', enforceReversePath: true };
const CONFIRM = { ...OFFER, consumerId: 'c1', notifyPath: [HOP], tempPath: [HOP] };
const ADVERTISEMENT = {
  direction: 'north',
  serviceName: 'svc',
  consumerId: 'c1',
  storeName: 'mesh0:S1',
  storeAddress: '127.0.0.1',
  storePort: '2000',
  transitAddress: '127.0.0.1',
  transitPort: '2000',
  hopCount: 1,
  ttl: 1_795_414_467,
};
const READ = { redlinkMsgId: 'm1', notifyPath: encode([HOP]), redlinkProducerId: 'p1', consumerId: 'c1' };
const REPLY = {
  redlinkProducerId: 'p1',
  replyingService: 'svc',
  replyingServiceId: 'c1',
  redlinkMsgId: 'm1',
  payload: encode('x'),
  notifyPath: encode([]),
};

const NOT_NOW = {
  action: 'REPLY producerNotification',
  consumerId: '',
  enm: 100,
  notifyPath: [],
  status: 404,
};
const REFUSED = {
  action: 'confirmNotification',
  consumerId: '',
  enm: '100',
  service: '',
  storeName: '',
  status: 404,
  notifyPath: [],
};

const confirm = decodeConfirm(CONFIRM);

/** Every way in for what a peer wrote. */
const WAYS_IN: Readonly<Record<string, (wire: unknown) => unknown>> = {
  announce: decodeAnnounce,
  advertise: decodeAdvertise,
  offer: decodeOffer,
  confirm: decodeConfirm,
  read: decodeRead,
  reply: (wire) => replyIn(jsonBytes(wire)),
  'answer to an offer': decodeOfferAnswer,
  'answer to a confirmation': (wire) => decodeConfirmAnswer(wire, confirm),
};

function jsonBytes(wire: unknown): AsyncIterable<Uint8Array> {
  return chunked(Buffer.from(JSON.stringify(wire), 'utf8'), [997]);
}

async function outcome(parse: () => unknown): Promise<'parsed' | 'refused'> {
  try {
    await parse();
    return 'parsed';
  } catch (thrown) {
    assert.ok(thrown instanceof RedlinkError, String(thrown));
    assert.equal(thrown.code, 'BAD_REQUEST');
    return 'refused';
  }
}

describe('validation of what peers send', () => {
  const valid = recordedExchanges().map(({ body }) => body);

  for (const [what, parse] of Object.entries(WAYS_IN)) {
    it(`${what}: any JSON is parsed or refused, never anything else`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.jsonValue(), async (wire) => {
          await outcome(() => parse(wire));
        }),
      );
    });

    it(`${what}: a recorded body with one field spoilt is parsed or refused, never anything else`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...valid), fc.nat(), fc.jsonValue(), async (body, index, value) => {
          const keys = Object.keys(body);
          const key = keys[index % Math.max(1, keys.length)] ?? 'service';
          await outcome(() => parse({ ...body, [key]: value }));
        }),
      );
    });
  }

  it('the answers that keep a 3.0.5 store alive can be made for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (wire) => {
        assert.deepEqual(refuseOffer(wire), { status: 200, body: NOT_NOW });
        assert.deepEqual(refuseConfirm(wire), { status: 200, body: REFUSED });
      }),
    );
  });

  it('takes ports as text or number, booleans as text, and missing optional fields', () => {
    const bare = { ...OFFER, enforceReversePath: undefined, sendersHopCount: undefined };
    assert.equal(decodeOffer({ ...OFFER, srcStorePort: 2000 }).source.address.port, '2000');
    assert.equal(decodeOffer({ ...OFFER, enforceReversePath: 'false' }).reversePath, false);
    assert.equal(decodeOffer(JSON.parse(JSON.stringify(bare))).reversePath, true);
    assert.equal(decodeOffer({ ...OFFER, unknown: { anything: 1 } }).service, 'svc');
  });

  it('takes room as number or text; what is no number means no room', () => {
    const room = (enm: unknown) => decodeRead({ ...READ, enm }).room;
    assert.deepEqual([room(25), room('25'), room(undefined)], [25, 25, 0]);
    assert.deepEqual([room(null), room('NaN'), room('Infinity'), room(-1)], [100, 100, 100, 0]);
  });

  const BAD: Readonly<Record<string, [string, object]>> = {
    'a service that is too long': ['offer', { ...OFFER, service: 'x'.repeat(257) }],
    'a blank service': ['offer', { ...OFFER, service: '' }],
    'a service with control characters': ['offer', { ...OFFER, service: 'a\u0007' }],
    'an id that is too long': ['offer', { ...OFFER, redlinkMsgId: 'x'.repeat(129) }],
    'an id that is an object': ['offer', { ...OFFER, redlinkMsgId: { toString: 1 } }],
    'an id with a line break': ['read', { ...READ, redlinkMsgId: 'a\nb' }],
    'port 0': ['offer', { ...OFFER, srcStorePort: 0 }],
    'port 65536': ['offer', { ...OFFER, srcStorePort: '65536' }],
    'a port with a path': ['offer', { ...OFFER, srcStorePort: '80/x' }],
    'a host with a path': ['offer', { ...OFFER, srcStoreAddress: 'host/path' }],
    'a host with a user': ['offer', { ...OFFER, srcStoreAddress: 'user@host' }],
    'a host with a port': ['offer', { ...OFFER, srcStoreAddress: 'host:80' }],
    'a host with a space': ['offer', { ...OFFER, srcStoreAddress: 'a b' }],
    'a path that is an object with a length': ['offer', { ...OFFER, notifyPath: { length: 1e8 } }],
    'a path of 17 stores': ['offer', { ...OFFER, notifyPath: Array.from({ length: 17 }, () => HOP) }],
    'a hop without port': ['offer', { ...OFFER, notifyPath: [{ ...HOP, port: undefined }] }],
    'a confirmation without the rest of the way': ['confirm', { ...CONFIRM, tempPath: undefined }],
    'a confirmation of nobody': ['confirm', { ...CONFIRM, consumerId: '' }],
    'a direction that there is not': ['advertise', { consumer: { ...ADVERTISEMENT, direction: 'up' } }],
    'an expiry that is no number': ['advertise', { consumer: { ...ADVERTISEMENT, ttl: 'soon' } }],
    'a hop count below 0': ['advertise', { consumer: { ...ADVERTISEMENT, hopCount: -1 } }],
    'a path in codec form that is an object': ['read', { ...READ, notifyPath: encode({ length: 1e8 }) }],
    'a path in codec form that is text': ['read', { ...READ, notifyPath: encode('hops') }],
    'a path that is no codec text': ['read', { ...READ, notifyPath: '?' }],
    'a read without path': ['read', { ...READ, notifyPath: undefined }],
    'a path in codec form that is nested without end': ['read', { ...READ, notifyPath: deepCodec() }],
    'a payload that is an object': ['reply', { ...REPLY, payload: { length: 1e8 } }],
    'a payload that is no codec text': ['reply', { ...REPLY, payload: 'plain text' }],
    'a reply without path': ['reply', { ...REPLY, notifyPath: undefined }],
    'a reply that is an array': ['reply', [REPLY]],
  };

  for (const [what, [way, wire]] of Object.entries(BAD)) {
    it(`refuses ${what}`, async () => {
      assert.equal(await outcome(() => WAYS_IN[way]?.(wire)), 'refused');
    });
  }

  it('the bodies that those are made from are taken', async () => {
    assert.equal(await outcome(() => decodeOffer(OFFER)), 'parsed');
    assert.equal(await outcome(() => decodeConfirm(CONFIRM)), 'parsed');
    assert.equal(await outcome(() => decodeAdvertise({ consumer: ADVERTISEMENT })), 'parsed');
    assert.equal(await outcome(() => decodeRead(READ)), 'parsed');
    assert.equal(await outcome(() => replyIn(jsonBytes(REPLY))), 'parsed');
  });

  it('an IPv6 address and a name with other letters are hosts', () => {
    for (const host of ['::1', '[fe80::1]', 'bücher.example', 'my_pi.local', '10.0.0.1']) {
      assert.equal(decodeOffer({ ...OFFER, srcStoreAddress: host }).source.address.host, host);
    }
  });

  it('a host of nothing but colons is refused at once, however long it is', function () {
    this.timeout(AT_ONCE_MS);
    for (const host of [`${':'.repeat(100_000)}x`, `[${':'.repeat(100_000)}x`]) {
      assert.throws(() => decodeOffer({ ...OFFER, srcStoreAddress: host }), { code: 'BAD_REQUEST' });
    }
  });

  it('a body of more parts than any store sends is refused before it is parsed', () => {
    const parts = ['{},', '[],', '"a":1,'].map((part) => part.repeat(150_000));
    const [objects = '', arrays = '', fields = ''] = parts;
    for (const text of [`[${objects}1]`, `[${arrays}1]`, `{${fields}"a":1}`]) {
      assert.throws(() => parseJson(text), { code: 'BAD_REQUEST', message: /more parts/ });
    }
    const hints = Array.from({ length: 80_000 }, () => []);
    assert.deepEqual(parseJson(JSON.stringify({ hints, text: ':{'.repeat(20_000) })), {
      hints,
      text: ':{'.repeat(20_000),
    });
  });

  it('a body that is nested too deep is refused before it is parsed', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    assert.throws(() => parseJson(deep), { code: 'BAD_REQUEST', message: /deeper/ });
    assert.deepEqual(parseJson(`{"text":"${'['.repeat(100)}\\"${'{'.repeat(100)}"}`), {
      text: `${'['.repeat(100)}"${'{'.repeat(100)}`,
    });
  });

  it('a body over its limit is refused without being read to its end', async () => {
    let given = 0;
    const endless = (async function* () {
      for (;;) {
        given += 1;
        yield Buffer.alloc(65_536, 0x20);
      }
    })();
    await assert.rejects(readText(endless), { code: 'BODY_TOO_LARGE' });
    assert.ok(given < 20);
    await assert.rejects(readText(endless, { contentLength: '1048577' }), { code: 'BODY_TOO_LARGE' });
  });

  it('an error names the field and never the value', () => {
    assert.throws(
      () => decodeOffer({ ...OFFER, redlinkMsgId: 'secret\u0000' }),
      (thrown) =>
        thrown instanceof RedlinkError &&
        /redlinkMsgId/.test(thrown.message) &&
        !/secret/.test(thrown.message),
    );
  });
});

/** Codec form of arrays nested 10,000 deep. */
function deepCodec(): string {
  return Buffer.from(`${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'utf16le').toString('base64');
}
