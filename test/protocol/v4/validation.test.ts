import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isRecord } from '../../../src/protocol/v3/json-body.js';
import { batchLines, nameOfLine, parseAnswerLine, understandAnswer } from '../../../src/protocol/v4/batch.js';
import { codecOf, isBatched, type BatchedName } from '../../../src/protocol/v4/table.js';
import type { VerbNamed } from '../../../src/protocol/verbs.js';
import { RedlinkError } from '../../../src/support/errors.js';
import { HOPS, META } from '../../transport/wire-stores.js';
import { VALID } from './samples.js';

const HOP = HOPS[0];

/** A line from the network, understood. */
function decodeLine(line: string): unknown {
  const { name, wire } = nameOfLine(line);
  return codecOf(name).fromWire(wire);
}

function decode(wire: unknown): unknown {
  return decodeLine(JSON.stringify(wire));
}

function outcome(parse: () => unknown): 'parsed' | 'refused' {
  try {
    parse();
    return 'parsed';
  } catch (thrown) {
    assert.ok(thrown instanceof RedlinkError, String(thrown));
    assert.match(thrown.code, /^(BAD_REQUEST|PEER_ANSWER|PEER_UNREACHABLE|NEEDS_STREAM)$/);
    return 'refused';
  }
}

/** An answer to a verb, as a peer may write it. */
function understand(name: BatchedName, wire: unknown): unknown {
  const asked: VerbNamed<BatchedName> = codecOf(name).fromWire(VALID[name]);
  return understandAnswer(name, wire, asked);
}

describe('validation of what new stores send in batches', () => {
  it('every verb of the table has a sample here, which is taken', () => {
    for (const [name, wire] of Object.entries(VALID)) {
      assert.ok(isBatched(name));
      assert.equal(
        outcome(() => decode({ ...wire, verb: name })),
        'parsed',
        name,
      );
    }
  });

  it('any text is a verb or refused, never anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        outcome(() => decodeLine(line));
        outcome(() => parseAnswerLine(line));
      }),
    );
  });

  for (const [name, valid] of Object.entries(VALID)) {
    it(`${name}: any JSON is parsed or refused, never anything else`, () => {
      fc.assert(
        fc.property(fc.jsonValue(), (value) => {
          outcome(() => decode(isRecord(value) ? { ...value, verb: name } : value));
        }),
      );
    });

    it(`${name}: one field spoilt is parsed or refused, never anything else`, () => {
      fc.assert(
        fc.property(fc.constantFrom(...Object.keys(valid)), fc.jsonValue(), (key, value) => {
          outcome(() => decode({ ...valid, verb: name, [key]: value }));
        }),
      );
    });

    it(`${name}: any answer is understood or refused, never anything else`, () => {
      const kinds = ['accepted', 'noRoom', 'confirmed', 'refused', 'found', 'notFound', 'received'];
      const answer = fc.record({
        kind: fc.constantFrom(...kinds),
        path: fc.jsonValue(),
        meta: fc.jsonValue(),
      });
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), answer), (value) => {
          assert.ok(isBatched(name));
          outcome(() => understand(name, { n: 0, answer: value }));
          outcome(() => understand(name, value));
        }),
      );
    });
  }

  const BAD: Readonly<Record<string, object>> = {
    'a verb that there is not': { verb: 'dance' },
    'a verb that is a property of every object': { verb: 'constructor' },
    'an announcement, which is always told in version 3': { verb: 'announce' },
    'a service that is too long': { ...VALID['offer'], service: 'x'.repeat(257) },
    'a service with control characters': { ...VALID['offer'], service: 'a\u0007' },
    'an id that is an object': { ...VALID['offer'], messageId: { toString: 1 } },
    'a host with a path': hopWith({ address: { host: 'host/path', port: '1' } }),
    'a port that is none': hopWith({ address: { host: 'host', port: '65536' } }),
    'a way that is no boolean': hopWith({ reversePath: 'true' }),
    'a path that is an object with a length': { ...VALID['offer'], path: { length: 1e8 } },
    'a path of 17 stores': { ...VALID['offer'], path: Array.from({ length: 17 }, () => HOP) },
    'a confirmation without the rest of the way': { ...VALID['confirm'], remaining: undefined },
    'a deadline that is text': { ...VALID['confirm'], deadlineInMs: 'soon' },
    'a direction that there is not': { ...VALID['advertise'], heading: 'up' },
    'a stamp that counts in fractions': {
      ...VALID['advertise'],
      stamp: { bootId: 'b', counter: 0.5, path: [] },
    },
    'a read of no message': { ...VALID['read'], messageId: '' },
    'a payload that is no text': { ...VALID['reply'], payload: { text: { length: 1e8 } } },
    'a reply without payload': { ...VALID['reply'], payload: undefined },
  };

  for (const [what, wire] of Object.entries(BAD)) {
    it(`refuses ${what}`, () => {
      assert.equal(
        outcome(() => decode(wire)),
        'refused',
      );
    });
  }

  it('refuses a line that is nested too deep before it is parsed', () => {
    assert.throws(() => decodeLine(`{"verb":"offer","x":${'['.repeat(100_000)}`), /deeper/);
  });

  it('takes no more than 256 verbs, however many lines there are', () => {
    assert.equal(batchLines('x\n'.repeat(255)).length, 256);
    assert.throws(() => batchLines('\n'.repeat(1_000_000)), { code: 'BAD_REQUEST' });
  });

  it('a read answered with another message is no answer', () => {
    const found = (messageId: string) => ({
      answer: { kind: 'found', meta: { ...META, messageId }, payload: { text: '{}' } },
    });
    assert.equal(
      outcome(() => understand('read', found('m1'))),
      'parsed',
    );
    assert.equal(
      outcome(() => understand('read', found('m2'))),
      'refused',
    );
  });

  it('hints of a value that make no sense count as none', () => {
    const { payload } = codecOf('reply').fromWire({
      ...VALID['reply'],
      payload: { text: '1', restore: { dates: 'all' } },
    });
    assert.equal(payload.restore, undefined);
  });
});

function hopWith(spoilt: object): object {
  return { ...VALID['offer'], path: [{ ...HOP, ...spoilt }] };
}
