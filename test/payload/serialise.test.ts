import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { Restore } from '../../src/protocol/payload-source.js';
import { revive, serialise } from '../../src/payload/serialise.js';
import { type ErrorCode, RedlinkError } from '../../src/support/errors.js';

/** What takes longer, ms, takes the longer the longer the text is. */
const AT_ONCE_MS = 5_000;

function trip(value: unknown): unknown {
  const { text, restore } = serialise(value);
  // The restore travels as JSON too.
  const arrived = restore === undefined ? undefined : (JSON.parse(JSON.stringify(restore)) as Restore);
  return revive(text, arrived);
}

function refuses(value: unknown, code: ErrorCode, text: RegExp): void {
  assert.throws(
    () => serialise(value),
    (thrown) => thrown instanceof RedlinkError && thrown.code === code && text.test(thrown.message),
  );
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { in: value };
  return value;
}

describe('serialise', () => {
  it('gives exactly the text of JSON.stringify', () => {
    const values = [
      0,
      -0,
      1.5,
      NaN,
      Infinity,
      '',
      'ü\ud800"',
      null,
      true,
      false,
      [],
      {},
      [undefined, () => 1],
      { a: undefined },
      new Map([[1, 2]]),
      new Uint8Array([1, 2]),
      Buffer.from('x'),
      new Date(0),
      new Date(NaN),
      Object('boxed'),
      { toJSON: () => [Buffer.from('a')] },
      { at: new URL('http://a.b/') },
      { 'a"b\u2028': [[[]]] },
    ];
    for (const value of values) assert.equal(serialise(value).text, JSON.stringify(value));
  });

  it('notes nothing where JSON says it all', () => {
    assert.equal(
      serialise({ text: '2030-01-01T00:00:00.000Z', a: { type: 'Buffer', data: [1] } }).restore,
      undefined,
    );
  });

  it('brings falsy values back as they are', () => {
    for (const value of [0, false, '', null, undefined]) assert.equal(trip(value), value);
    assert.deepEqual(serialise(undefined), { text: 'null', restore: { isUndefined: true } });
  });

  it('brings Buffers and Dates back at the root, in objects and in arrays', () => {
    const date = new Date(1_893_456_000_007);
    const bytes = Buffer.from([0, 127, 128, 255]);
    assert.deepEqual(trip(bytes), bytes);
    assert.deepEqual(trip(date), date);
    assert.deepEqual(trip(Buffer.alloc(0)), Buffer.alloc(0));
    const value = {
      payload: [bytes, { when: date, deep: [[{ bytes, date }]] }],
      bytes,
      '': date,
      '0': bytes,
    };
    assert.deepEqual(trip(value), value);
    assert.deepEqual(trip([date, [bytes]]), [date, [bytes]]);
  });

  it('brings back a Date made in a function node, which is none of this realm', () => {
    const value: unknown = runInNewContext('({ when: new Date(7), list: [new Date(8)] })');
    assert.deepEqual(trip(value), { when: new Date(7), list: [new Date(8)] });
  });

  it('leaves an object that merely looks like a Buffer, or a text like a Date, what it is', () => {
    const value = {
      real: Buffer.from('a'),
      fake: { type: 'Buffer', data: [97] },
      when: new Date(0).toJSON(),
    };
    assert.deepEqual(trip(value), value);
  });

  it('follows toJSON, as JSON does', () => {
    const value = { wrapped: { toJSON: () => ({ bytes: Buffer.from('a'), when: new Date(5) }) } };
    assert.deepEqual(trip(value), { wrapped: { bytes: Buffer.from('a'), when: new Date(5) } });
  });

  it('brings a Buffer that occurs twice back twice', () => {
    const bytes = Buffer.from('twice');
    const shared = { bytes };
    assert.deepEqual(trip([shared, shared, bytes]), [shared, shared, bytes]);
  });

  it('brings back what it was given, whatever it is', () => {
    const leaf = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.date({ noInvalidDate: true }),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('tree')),
        fc.dictionary(fc.string(), tie('tree'), { noNullPrototype: true }),
      ),
    }));
    const plain = (value: unknown): unknown => (Object.is(value, -0) ? 0 : value);
    fc.assert(
      fc.property(tree, (value) => {
        const back = trip(value);
        // JSON has no -0; everything else is the same to the letter.
        assert.equal(
          serialise(back).text,
          JSON.stringify(value, (_key, entry) => plain(entry)),
        );
        assert.deepEqual(serialise(back).restore, serialise(value).restore);
      }),
    );
  });

  it('finds a Date among many other values, wherever it stands', () => {
    for (const place of [0, 1, 62, 63, 64, 65, 199]) {
      const value = Array.from({ length: 200 }, (_item, index) =>
        index === place ? new Date(7) : { index },
      );
      assert.deepEqual(trip(value), value);
      assert.deepEqual(trip({ deep: { value } }), { deep: { value } });
    }
  });

  it('refuses a circle and says where it is, in one line', () => {
    const circle: Record<string, unknown> = { name: 'a' };
    circle['self'] = { back: [circle] };
    refuses(circle, 'NOT_SERIALISABLE', /^The message cannot be written as JSON: .*circular.*self[^\n]*$/);
    const wide: unknown[] = [];
    wide.push(wide, wide, wide);
    refuses(wide, 'NOT_SERIALISABLE', /circular/);
  });

  it('refuses a BigInt, a function and a symbol, and says so', () => {
    refuses({ a: [1n] }, 'NOT_SERIALISABLE', /BigInt/);
    refuses(() => 1, 'NOT_SERIALISABLE', /function/);
    refuses(Symbol('a'), 'NOT_SERIALISABLE', /symbol/);
  });

  it('refuses a value whose toJSON or getter throws, with what they threw', () => {
    const bad = (): never => {
      throw new Error('out of order');
    };
    refuses({ a: { toJSON: bad } }, 'NOT_SERIALISABLE', /out of order/);
    refuses(
      Object.defineProperty({}, 'a', { get: bad, enumerable: true }),
      'NOT_SERIALISABLE',
      /out of order/,
    );
  });

  it('refuses nesting that is too deep without overflowing the stack', () => {
    refuses(nested(10_000), 'NOT_SERIALISABLE', /too deep/);
    refuses(nested(1_000_000), 'NOT_SERIALISABLE', /too deep/);
    assert.deepEqual(trip(nested(500)), nested(500));
  });

  it('refuses what is too large for a string', () => {
    const quarter = 'x'.repeat(2 ** 28);
    refuses([quarter, quarter], 'MESSAGE_TOO_LARGE', /too large/);
  });
});

describe('serialise with large Buffers', () => {
  const large = Buffer.alloc(50_000, 'abc\xff\x00');
  const small = Buffer.from('small');
  const when = new Date(7);

  it('gives exactly the text of JSON.stringify, and brings them back', () => {
    const shared = { large };
    const holder = Object.assign(new Map(), { large, when });
    const values = [
      large,
      [large],
      { payload: large, 'a"b': [small, [large, { large, small, when }]], none: undefined, run: () => 1 },
      [shared, shared, [undefined, large]],
      { wrapped: { toJSON: () => ({ large }) } },
      { toJSON: () => [{ large }] },
      holder,
      JSON.parse('{"__proto__":1}', (key, entry: unknown) =>
        key === '__proto__' ? large : entry,
      ) as unknown,
      [Object.assign(Object('boxed'), { large }), large],
    ];
    for (const value of values) {
      const { text, restore } = serialise(value);
      assert.ok(text === JSON.stringify(value));
      const back = serialise(revive(text, restore));
      assert.ok(back.text === text);
    }
    assert.deepEqual(trip({ payload: [large, { large, small, when }] }), {
      payload: [large, { large, small, when }],
    });
    assert.deepEqual(trip(large), large);
  });

  it('leaves the message that it was given untouched', () => {
    const message = Object.freeze({ payload: large, list: Object.freeze([large]) });
    serialise(message);
    assert.equal(message.payload, large);
    assert.deepEqual(Object.keys(large).length, large.length);
    assert.equal(Object.hasOwn(large, 'toJSON'), false);
  });

  it('leaves what merely looks like a large Buffer an object', () => {
    const value = { real: large, fake: JSON.parse(JSON.stringify(large)) as unknown };
    assert.deepEqual(trip(value), value);
  });

  it('refuses a Buffer that is too large, and says so', () => {
    refuses(
      { payload: Buffer.alloc(150_000_000) },
      'MESSAGE_TOO_LARGE',
      /too large: more than \d+ characters/,
    );
  });
});

describe('revive', () => {
  it('refuses a value nested too deeply, and a text too long to be parsed safely', () => {
    const refused = (text: string, code: ErrorCode): void => {
      assert.throws(
        () => revive(text, undefined),
        (thrown) => thrown instanceof RedlinkError && thrown.code === code,
      );
    };
    refused('['.repeat(5_000) + ']'.repeat(5_000), 'BAD_REQUEST');
    refused(' '.repeat(2 ** 28 + 1), 'MESSAGE_TOO_LARGE');
  });

  it('reads whatever serialise wrote at its deepest', () => {
    let value: unknown = Buffer.from('a');
    for (let level = 0; level < 1_000; level++) value = [value];
    assert.equal(serialise(trip(value)).text, JSON.stringify(value));
  });

  it('gives a text that is not JSON as it is', () => {
    assert.equal(revive('{not json', undefined), '{not json');
    assert.equal(revive('', { dates: [[]] }), '');
  });

  it('looks at a long text that hints call a date as long as at a short one', function () {
    this.timeout(AT_ONCE_MS);
    const text = ' '.repeat(500_000);
    const dates = Array.from({ length: 10_000 }, () => []);
    assert.equal(revive(JSON.stringify(text), { dates }), text);
  });

  it('keeps a __proto__ of the data as data, and pollutes nothing', () => {
    const value: unknown = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":1}}}',
    );
    assert.equal(serialise(trip(value)).text, JSON.stringify(value));
    const withBytes: unknown = JSON.parse('{"a":{"__proto__":{"type":"Buffer","data":[1]}}}');
    const revived = revive(JSON.stringify(withBytes), { buffers: [['a', '__proto__']] });
    const inner = Object.getOwnPropertyDescriptor(revived, 'a')?.value as object;
    assert.deepEqual(Object.getOwnPropertyDescriptor(inner, '__proto__')?.value, Buffer.from([1]));
    assert.equal(Object.getPrototypeOf(inner), Object.prototype);
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
  });

  it('leaves everything alone where a path leads nowhere, or to a prototype', () => {
    const value = {
      a: [1, { type: 'Buffer', data: [300] }, 'text', { type: 'Buffer', data: [1], more: 1 }],
      n: null,
    };
    const text = JSON.stringify(value);
    const paths = [
      [],
      ['a'],
      ['a', 0],
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['a', 9],
      ['a', -1],
      ['a', 0.5],
      ['a', 'length'],
      ['n', 'x'],
      ['__proto__'],
      ['__proto__', 'polluted'],
      ['constructor', 'prototype'],
      ['a', '__proto__', 'push'],
      ['toString'],
    ];
    assert.deepEqual(revive(text, { buffers: paths, dates: paths }), value);
    assert.deepEqual(revive('5', { buffers: paths, dates: paths, isUndefined: true }), 5);
  });

  it('takes nothing over from a prototype, whatever someone has put there', () => {
    Object.defineProperty(Object.prototype, 'planted', {
      value: { type: 'Buffer', data: [1] },
      configurable: true,
    });
    try {
      const revived = revive('{"a":{}}', { buffers: [['planted'], ['a', 'planted']] });
      assert.equal(JSON.stringify(revived), '{"a":{}}');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'planted');
    }
  });

  it('takes no step into a Buffer that it has just made', () => {
    const text = JSON.stringify({ a: Buffer.from('abc') });
    const revived = revive(text, {
      buffers: [['a'], ['a'], ['a', 'data'], ['a', 0]],
      dates: [['a', 0], ['a']],
    });
    assert.deepEqual(revived, { a: Buffer.from('abc') });
  });

  it('takes no other text for a Date than what a Date becomes', () => {
    const value = [
      '2030',
      '2030-01-01',
      'Tue Jan 01 2030',
      '2030-01-01T00:00:00Z',
      '2030-13-01T00:00:00.000Z',
    ];
    assert.deepEqual(revive(JSON.stringify(value), { dates: value.map((_text, index) => [index]) }), value);
    assert.deepEqual(revive('["+012345-01-01T00:00:00.000Z"]', { dates: [[0]] }), [
      new Date('+012345-01-01T00:00:00.000Z'),
    ]);
  });

  it('throws at nothing and pollutes nothing, whatever text and paths are', () => {
    const key = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', 0),
    );
    const paths = fc.array(fc.array(key, { maxLength: 4 }), { maxLength: 6 });
    const document = fc.oneof(fc.json(), fc.string(), fc.constant('{"a":{"type":"Buffer","data":[1,"2"]}}'));
    fc.assert(
      fc.property(document, paths, paths, (text, buffers, dates) => {
        revive(text, { buffers, dates });
        assert.equal(Object.keys(Object.prototype).length, 0);
        assert.equal(Object.keys(Array.prototype).length, 0);
      }),
    );
  });
});
