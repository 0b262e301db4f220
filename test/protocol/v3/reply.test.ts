import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PayloadSource } from '../../../src/protocol/payload-source.js';
import { decodeText, encode, encodeText } from '../../../src/protocol/v3/codec.js';
import { codecToUtf8 } from '../../../src/protocol/v3/codec-stream.js';
import { isReplyMessage, readReplyMessage } from '../../../src/protocol/v3/reply-message.js';
import { decodeReply, encodeReply } from '../../../src/protocol/v3/reply.js';
import { arrivingSource, textSource } from '../../../src/protocol/v3/sources.js';
import type { Reply } from '../../../src/protocol/verbs.js';
import { MemorySpool, replyIn } from './replies.js';
import { chunked, collect } from './streams.js';

const FIELDS = {
  redlinkProducerId: 'p1',
  replyingService: 'svc',
  replyingServiceId: 'c1',
  replyingStoreName: 'mesh0:S2',
  redlinkMsgId: 'm1',
  replyDelay: 50,
  notifyPath: encode([]),
  enm: '0',
};
const NEW_PEER = { version: 4, bootId: 'b1', storeName: 'mesh0:S1' };

function read(body: string, spool: MemorySpool, sizes: readonly number[] = [16_384]): Promise<Reply> {
  return replyIn(chunked(Buffer.from(body, 'utf8'), sizes), spool);
}

function body(fields: object): string {
  return JSON.stringify({ ...FIELDS, ...fields });
}

async function written(reply: Reply, toNewPeer = false): Promise<string> {
  const { body: out } = encodeReply(reply, toNewPeer ? NEW_PEER : undefined);
  return typeof out === 'string' ? out : (await collect(out)).toString('utf8');
}

describe('a reply on the wire', () => {
  for (const [what, wire, text] of [
    ['the empty text', '', '""'],
    ['0', 0, '0'],
    ['false', false, 'false'],
    ['null', null, 'null'],
    ['0 in codec form', encodeText('0'), '0'],
    ['false in codec form', encodeText('false'), 'false'],
    ['null in codec form', encodeText('null'), 'null'],
    ['the empty text in codec form', encodeText('""'), '""'],
    ['a text that is not JSON', encodeText('not json {'), '"not json {"'],
    ['an object', encodeText('{"a":1}'), '{"a":1}'],
  ] as const) {
    it(`payload ${what} is understood as 3.0.5 meant it (DEFECTS 19)`, async () => {
      const reply = await read(body({ payload: wire, cerror: '' }), new MemorySpool());
      assert.equal(reply.payload.text, text);
      assert.equal(reply.payload.restore, undefined);
      assert.equal(reply.consumerError, undefined);
    });
  }

  it('a missing payload is undefined, not null', async () => {
    const reply = await read(body({}), new MemorySpool());
    assert.equal(reply.payload.text, 'null');
    assert.deepEqual(reply.payload.restore, { isUndefined: true });
  });

  it('falsy payloads are written so that 3.0.5 reads them (DEFECTS 19)', async () => {
    const reply = await read(body({}), new MemorySpool());
    for (const [text, wire] of [
      ['""', ''],
      ['0', 'MAA='],
      ['false', encodeText('false')],
      ['null', encodeText('null')],
    ] as const) {
      const sent: unknown = JSON.parse(await written({ ...reply, payload: textSource(text) }));
      assert.equal(field(sent, 'payload'), wire);
    }
  });

  it('hints go to new peers alone, and come back', async () => {
    const restore = { buffers: [['a', 0]], dates: [[]] };
    const reply = {
      ...(await read(body({}), new MemorySpool())),
      payload: textSource('{"a":[{"type":"Buffer","data":[1]}]}', restore),
      consumerError: textSource('"x"', { dates: [[]] }),
    };
    assert.equal(field(JSON.parse(await written(reply)), 'redlink'), undefined);
    const again = await read(await written(reply, true), new MemorySpool());
    assert.deepEqual(again.payload.restore, restore);
    assert.deepEqual(again.consumerError?.restore, { dates: [[]] });
  });

  it('a large payload is spooled wherever it stands, and everything else is kept', async () => {
    const payload = JSON.stringify({ big: '𝄞é"\\'.repeat(60_000) });
    const cerror = JSON.stringify('e'.repeat(200_000));
    const large = { payload: encodeText(payload), cerror: encodeText(cerror) };
    for (const text of [
      JSON.stringify({ ...large, ...FIELDS }),
      JSON.stringify({ ...FIELDS, ...large }),
      JSON.stringify({
        payload: large.payload,
        ...FIELDS,
        cerror: large.cerror,
        more: { a: ['b', 1, true, null] },
      }),
    ]) {
      const spool = new MemorySpool();
      const reply = await read(text, spool);
      assert.equal(spool.kept.length, 2);
      assert.equal(reply.payload.text, payload);
      assert.equal(reply.consumerError?.text, cerror);
      assert.deepEqual(
        [reply.messageId, reply.producerId, reply.replyDelayMs, reply.consumer.storeName],
        ['m1', 'p1', 50, 'mesh0:S2'],
      );
    }
  });

  it('a large body means the same however it is cut, and as a small one', async () => {
    const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), fc.integer(), fc.constant(null));
    await fc.assert(
      fc.asyncProperty(
        value,
        fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1 }),
        async (small, sizes) => {
          const text = body({
            unknown: 'ü"\\𝄞'.repeat(20_000),
            payload: encodeText(JSON.stringify(small)),
            cerror: 0,
          });
          const reply = await read(text, new MemorySpool(), sizes);
          assert.deepEqual(JSON.parse(reply.payload.text ?? ''), small);
          assert.equal(reply.consumerError, undefined);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('a large reply ends with its payload and is read again as it was', async () => {
    const payload = JSON.stringify('𝄞'.repeat(100_000));
    const codec = Buffer.from(encodeText(payload), 'latin1');
    const reply = {
      ...(await read(body({}), new MemorySpool())),
      payload: arrivingSource(chunked(codec, [777]), { encoding: 'codec', restore: { dates: [[]] } }),
      consumerError: textSource('"short"'),
    };
    const text = await written(reply);
    assert.deepEqual(Object.keys(JSON.parse(text) as object).slice(-2), ['cerror', 'payload']);
    const again = await read(text, new MemorySpool());
    assert.equal(again.payload.text, payload);
    assert.equal(again.consumerError?.text, '"short"');
  });

  it('to a new store a large reply goes as it is kept, after a line that says all else', async () => {
    const payload = JSON.stringify('𝄞'.repeat(100_000));
    const reply = {
      ...(await read(body({}), new MemorySpool())),
      payload: arrivingSource(chunked(Buffer.from(payload), [777]), {
        encoding: 'utf8',
        restore: { dates: [[]] },
      }),
      consumerError: textSource('"short"', { dates: [['a']] }),
    };
    const { headers, body: out } = encodeReply(reply, NEW_PEER);
    assert.ok(isReplyMessage(headers));
    assert.ok(typeof out !== 'string');
    const again = decodeReply(await readReplyMessage(out));
    assert.equal((await collect(again.payload.open())).toString(), payload);
    assert.deepEqual(again.payload.restore, { dates: [[]] });
    assert.equal(again.consumerError?.text, '"short"');
    assert.deepEqual(again.consumerError.restore, { dates: [['a']] });
    assert.equal(again.messageId, reply.messageId);
  });

  it('a large error goes to a new store in the form of version 3', async () => {
    const reply = {
      ...(await read(body({}), new MemorySpool())),
      payload: textSource('1'),
      consumerError: textSource(JSON.stringify('e'.repeat(100_000)), { dates: [[]] }),
    };
    const again = await read(await written(reply, true), new MemorySpool());
    assert.equal(again.consumerError?.text, reply.consumerError.text);
    assert.deepEqual(again.consumerError?.restore, { dates: [[]] });
  });

  for (const [what, text, code, spooled = 0] of [
    ['cut off in its payload', body({ payload: 'A'.repeat(400_000) }).slice(0, 300_000), 'BAD_REQUEST'],
    ['cut off after its payload', `{"payload":"${'IgAi'.repeat(100_000)}","enm"`, 'BAD_REQUEST', 1],
    [
      'with something after its end',
      `${body({ payload: 'IgB4ACIA'.repeat(40_000) })}${' '.repeat(50_000)}x`,
      'BAD_REQUEST',
      1,
    ],
    [
      'with two payloads',
      `{"payload":"${'IgB4ACIA'.repeat(20_000)}","payload":"${'IgB4ACIA'.repeat(20_000)}"}`,
      'BAD_REQUEST',
      1,
    ],
    ['with a large payload that is no codec text', body({ payload: '!'.repeat(200_000) }), 'BAD_REQUEST'],
    ['with a nested payload', body({ unknown: 'x'.repeat(100_000), payload: [1] }), 'BAD_REQUEST'],
    ['without its fields', `{"payload":"${'IgB4ACIA'.repeat(40_000)}"}`, 'BAD_REQUEST', 1],
    ['that is nested too deep', `{"x":${'['.repeat(100_000)}`, 'BAD_REQUEST'],
    ['that is an array', `[${'1,'.repeat(100_000)}1]`, 'BAD_REQUEST'],
    ['with another field of 2 MB', body({ more: 'x'.repeat(2_000_000) }), 'BODY_TOO_LARGE'],
    ['with a number of 2 MB', `{"x":${'1'.repeat(2_000_000)}}`, 'BODY_TOO_LARGE'],
    ['with a key of 2 MB', `{"${'k'.repeat(2_000_000)}":1}`, 'BODY_TOO_LARGE'],
    ['followed by 2 MB of nothing', `${body({})}${' '.repeat(2_000_000)}`, 'BODY_TOO_LARGE'],
  ] as const) {
    it(`refuses a large reply ${what}, and keeps nothing of it`, async () => {
      const spool = new MemorySpool();
      await assert.rejects(read(text, spool), { code });
      assert.deepEqual(spool.discarded, spool.kept);
      assert.equal(spool.kept.length, spooled);
    });
  }

  it('what a spool says is passed on, and the body is left', async () => {
    let left = false;
    const arriving = (async function* () {
      try {
        yield Buffer.from(body({ payload: 'A'.repeat(200_000) }).slice(0, 200_000));
        yield Buffer.from('never asked for');
      } finally {
        left = true;
      }
    })();
    const full = async (): Promise<PayloadSource> => {
      throw new Error('disk full');
    };
    await assert.rejects(replyIn(arriving, { spool: full, discard: new MemorySpool().discard }), /disk full/);
    assert.equal(left, true);
  });

  it('of nothing but short values gives everything else a turn again and again, one long text seldom', async () => {
    const BYTES = 500_000;
    // Far less than what is taken apart in one go may be, and far more than a long text needs.
    const [MANY, FEW] = [BYTES / 10_000, 5];
    for (const [payload, isDense] of [
      ['x'.repeat(BYTES), false],
      [Array.from({ length: BYTES / 2 }, () => 1), true],
    ] as const) {
      let turns = 0;
      const fields = isDense ? { payload: '', more: payload } : { payload };
      const arriving = chunked(Buffer.from(body(fields), 'utf8'), [65_536]);
      await replyIn(arriving, new MemorySpool(), async () => {
        turns += 1;
      });
      assert.ok(isDense ? turns > MANY : turns < FEW, `${turns} turns`);
    }
  });

  it('50 MB pass in bounded memory', async () => {
    const piece = Buffer.from('IgB4ACIA'.repeat(8_192), 'latin1');
    let given = 0;
    const arriving = (async function* () {
      yield Buffer.from('{"payload":"', 'latin1');
      for (; given < 800; given += 1) yield piece;
      yield Buffer.from(`",${JSON.stringify(FIELDS).slice(1)}`, 'latin1');
    })();
    let taken = 0;
    const spool = async (source: PayloadSource): Promise<PayloadSource> => {
      for await (const chunk of codecToUtf8(source.open())) {
        taken += chunk.length;
        assert.ok(
          given * piece.length - taken * (8 / 3) < 4 * piece.length,
          'more than a few pieces are held',
        );
      }
      return textSource('"kept"');
    };
    assert.equal(
      (await replyIn(arriving, { spool, discard: new MemorySpool().discard })).payload.text,
      '"kept"',
    );
    assert.equal(taken, (800 * piece.length * 3) / 8);
  });

  it('codec text of a reply is what 3.0.5 writes', () => {
    assert.equal(encode('x'), 'IgB4ACIA');
    assert.equal(decodeText('IgB4ACIA'), '"x"');
    assert.deepEqual([encode(''), encode(0), encode(false), encode(null)], ['', 0, false, null]);
  });
});

function field(of: unknown, name: string): unknown {
  assert.ok(typeof of === 'object' && of !== null);
  return Object.entries(of).find(([key]) => key === name)?.[1];
}
