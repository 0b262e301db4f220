import assert from 'node:assert/strict';
import type { AnswerTo, Verb } from '../../src/protocol/verbs.js';
import type { WireResponse } from '../../src/protocol/wire.js';
import { isRecord } from '../../src/protocol/v3/json-body.js';
import { textSource } from '../../src/protocol/v3/sources.js';
import { RedlinkError } from '../../src/support/errors.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { BatchServer } from '../../src/transport/batch-server.js';
import type { Answerer, Sender } from '../../src/transport/port.js';
import { VALID } from '../protocol/v4/samples.js';
import { pieces } from './wire-loopback.js';
import { capabilitiesOf, META, ToldAnswerer } from './wire-stores.js';

function line(name: string, more: object = {}): string {
  return JSON.stringify({ ...VALID[name], verb: name, ...more });
}

/** One store that is asked in batches, and what it logged. */
class Served {
  readonly logged: string[] = [];
  private readonly server: BatchServer;

  constructor(answerer: Answerer) {
    const log = { ...SILENT_LOG, error: (text: string) => this.logged.push(text) };
    this.server = new BatchServer(answerer, new SystemClock(), log);
  }

  serve(...lines: string[]): Promise<WireResponse> {
    const body = pieces(lines.join('\n'));
    return this.server.serve({ path: '/redlink/verbs', headers: {}, remoteIp: '10.0.0.1', body });
  }

  /** The answers of a response that was there at once, by number. */
  async answers(...lines: string[]): Promise<Record<string, unknown>[]> {
    const { body } = await this.serve(...lines);
    assert.ok(typeof body === 'string');
    return parsed(body);
  }
}

function parsed(text: string): Record<string, unknown>[] {
  const answers: Record<string, unknown>[] = [];
  for (const each of text.trimEnd().split('\n')) {
    const wire: unknown = JSON.parse(each);
    assert.ok(isRecord(wire));
    const { n, ...rest } = wire;
    answers[Number(n)] = rest;
  }
  return answers;
}

function finding(settled: boolean[], text = '{"payload":1}'): ToldAnswerer {
  return new ToldAnswerer(capabilitiesOf('mesh0:S1'), {
    read: () => ({
      kind: 'found',
      meta: META,
      body: textSource(text),
      settle: (delivered) => settled.push(delivered),
    }),
  });
}

/** A store that answers an offer when the test says so, and all else at once. */
class SlowOffers implements Answerer {
  readonly capabilities = capabilitiesOf('mesh0:S1');
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly inner: ToldAnswerer) {}

  async answer<V extends Verb>(verb: V, sender: Sender): Promise<AnswerTo[V['verb']]> {
    if (verb.verb === 'offer') await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.inner.answer(verb, sender);
  }

  release(): void {
    for (const give of this.waiting.splice(0)) give();
  }
}

describe('a store that is asked in batches', () => {
  it('one bad verb fails alone, with a code, and the others are answered', async () => {
    const store = new Served(new ToldAnswerer(capabilitiesOf('mesh0:S1')));
    const answers = await store.answers(
      line('reply'),
      '{"verb":',
      line('dance'),
      line('offer', { service: '' }),
      '',
      line('reply'),
    );
    const codes = answers.map(({ answer, code }) => code ?? answer);
    const received = { kind: 'received' };
    assert.deepEqual(codes, [received, 'BAD_REQUEST', 'BAD_REQUEST', 'BAD_REQUEST', 'BAD_REQUEST', received]);
    assert.equal(JSON.stringify(answers).includes('    at '), false);
  });

  it('a verb that the store fails to handle fails alone; a fault of the store is for its log only', async () => {
    let calls = 0;
    const answerer = new ToldAnswerer(capabilitiesOf('mesh0:S1'), {
      reply: () => {
        calls += 1;
        if (calls === 1) throw new RedlinkError('PEER_UNREACHABLE', 'no way');
        if (calls === 2) throw new TypeError('a fault of ours');
        return { kind: 'received' };
      },
    });
    const store = new Served(answerer);
    const answers = await store.answers(line('reply'), line('reply'), line('reply'));
    assert.deepEqual(answers, [
      { error: 'no way', code: 'PEER_UNREACHABLE' },
      { error: 'The store failed to answer.', code: 'CLOSED' },
      { answer: { kind: 'received' } },
    ]);
    assert.equal(store.logged.length, 1);
  });

  it('offers and confirmations that the store fails to handle are answered with no', async () => {
    const fail = (): never => {
      throw new RedlinkError('PEER_TIMEOUT', 'late');
    };
    const store = new Served(new ToldAnswerer(capabilitiesOf('mesh0:S1'), { offer: fail, confirm: fail }));
    const answers = await store.answers(line('offer'), line('confirm'));
    assert.deepEqual(answers, [
      { answer: { kind: 'noRoom', path: VALID['offer']?.['path'] } },
      { answer: { kind: 'refused', consumerId: 'c1', service: 'svc' } },
    ]);
  });

  it('a verb that takes long lets the answers of the others go ahead', async () => {
    const slow = new SlowOffers(finding([]));
    const response = await new Served(slow).serve(line('offer'), line('reply'));
    assert.ok(typeof response.body !== 'string');
    const chunks = response.body[Symbol.asyncIterator]();
    const first = await chunks.next();
    assert.equal(Buffer.from(first.value).toString(), '{"n":1,"answer":{"kind":"received"}}\n');
    const second = chunks.next();
    slow.release();
    assert.match(Buffer.from((await second).value).toString(), /^{"n":0,"answer":{"kind":"noRoom"/);
    assert.equal((await chunks.next()).done, true);
  });

  it('a message counts as read when the answers have gone out, and not when they could not', async () => {
    for (const sent of [true, false]) {
      const settled: boolean[] = [];
      const response = await new Served(finding(settled)).serve(line('read'), line('read'));
      assert.deepEqual(settled, []);
      response.onSent?.(sent);
      assert.deepEqual(settled, [sent, sent]);
    }
  });

  it('a message in a stream of answers counts as read when its piece has passed', async () => {
    for (const passes of [true, false]) {
      const settled: boolean[] = [];
      const slow = new SlowOffers(finding(settled));
      const { body } = await new Served(slow).serve(line('offer'), line('read'));
      assert.ok(typeof body !== 'string');
      const chunks = body[Symbol.asyncIterator]();
      await chunks.next();
      assert.deepEqual(settled, []);
      const next = passes ? chunks.next() : chunks.return?.();
      assert.deepEqual(settled, [passes]);
      slow.release();
      await next;
    }
  });

  it('a message that is too large for a batch stays unread, and is asked for as a stream', async () => {
    const settled: boolean[] = [];
    const text = JSON.stringify('x'.repeat(60_000));
    const [answer] = await new Served(finding(settled, text)).answers(line('read'));
    assert.equal(answer?.['code'], 'NEEDS_STREAM');
    assert.deepEqual(settled, [false]);
  });

  it('other work has its turn between verbs that take long to answer', async () => {
    let asked = 0;
    let askedBefore = Infinity;
    const slow = new ToldAnswerer(capabilitiesOf('mesh0:S1'), {
      reply: () => {
        asked += 1;
        const until = performance.now() + 8;
        while (performance.now() < until);
        return { kind: 'received' };
      },
    });
    const other = setInterval(() => {
      askedBefore = Math.min(askedBefore, asked);
    }, 1);
    const { body } = await new Served(slow).serve(...Array.from({ length: 20 }, () => line('reply')));
    clearInterval(other);
    assert.ok(typeof body === 'string');
    assert.equal(parsed(body).length, 20);
    assert.ok(askedBefore < 10, `${askedBefore} of 20 verbs came first`);
  });

  it('more verbs than a batch may have, and a body that is too large, are refused as a whole', async () => {
    const store = new Served(new ToldAnswerer(capabilitiesOf('mesh0:S1')));
    const many = Array.from({ length: 257 }, () => line('reply'));
    await assert.rejects(store.serve(...many), { code: 'BAD_REQUEST' });
    await assert.rejects(store.serve('x'.repeat(2_000_000)), { code: 'BODY_TOO_LARGE' });
  });

  it('a long batch lets everything else have a turn, also where its verbs work only after a while', async () => {
    let done = 0;
    const inner = new ToldAnswerer(capabilitiesOf('mesh0:S1'));
    const answerer: Answerer = {
      capabilities: inner.capabilities,
      answer: async (verb, sender) => {
        await Promise.resolve();
        done += 1;
        return inner.answer(verb, sender);
      },
    };
    const served = new Served(answerer).serve(...Array.from({ length: 256 }, () => line('reply')));
    const seen = new Set<number>();
    while (done < 256) {
      await new Promise((resolve) => setImmediate(resolve));
      seen.add(done);
    }
    await served;
    assert.ok(seen.size > 4, `turns after ${[...seen].join()}`);
  });
});
