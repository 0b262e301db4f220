import assert from 'node:assert/strict';
import type { Address } from '../../src/protocol/address.js';
import type { ArrivingRequest, WireBody, WireRequest, WireResponse } from '../../src/protocol/wire.js';
import { RedlinkError } from '../../src/support/errors.js';
import type { CallLimits, Listener, Serve, Transport } from '../../src/transport/port.js';
import { ByteSource, readAll, readLength, signal } from './bodies.js';

/** What the suite needs of an adapter. */
export interface Arena {
  /** A new transport; the arena closes it after the test. */
  transport(): Transport;
  /** An address at which nobody listens. */
  freeAddress(): Promise<Address>;
  /** Waits for work that may need time to pass. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Ends everything that the test left open. */
  close(): Promise<void>;
}

const PATIENT: CallLimits = { answerWithinMs: 20_000, idleMs: 20_000 };
/** Short, for tests in which a limit is to be hit. */
const HASTY: CallLimits = { answerWithinMs: 300, idleMs: 300 };
const LARGE_BYTES = 50 * 1024 * 1024;
/** What buffers on the way (both kernels, TLS, streams) may hold of a body at any time. */
const MOST_UNDER_WAY_BYTES = 20 * 1024 * 1024;

/** The tests that every {@link Transport} passes. */
export function transportCompliance(name: string, makeArena: () => Promise<Arena>): void {
  describe(`${name} as a transport`, () => {
    let arena: Arena;
    let server: Transport;
    let client: Transport;
    let address: Address;
    let listeners: Listener[];

    beforeEach(async () => {
      arena = await makeArena();
      server = arena.transport();
      client = arena.transport();
      address = await arena.freeAddress();
      listeners = [];
    });

    afterEach(async () => {
      await Promise.all(listeners.map((listener) => arena.during(listener.close())));
      await arena.close();
    });

    async function listen(serve: Serve): Promise<Listener> {
      const listener = await arena.during(server.listen({ address }, serve));
      listeners.push(listener);
      return listener;
    }

    async function post(body: WireBody, limits = PATIENT, more: Partial<WireRequest> = {}) {
      return arena.during(client.post(address, { path: '/notify', headers: {}, body, ...more }, limits));
    }

    async function ask(body: WireBody, limits = PATIENT): Promise<string> {
      const answer = await post(body, limits);
      return arena.during(readAll(answer.body));
    }

    it('carries path, headers, status and text both ways', async () => {
      let seen: ArrivingRequest | undefined;
      await listen(async (request) => {
        seen = request;
        return {
          status: 404,
          headers: { 'x-answer': 'yes', 'content-type': 'application/json' },
          body: `<${await readAll(request.body)}>`,
        };
      });
      const answer = await post('grüße 服务 😀', PATIENT, {
        path: '/read-message',
        headers: { 'content-type': 'application/json', 'x-question': 'a b' },
      });
      assert.equal(answer.status, 404);
      assert.equal(answer.headers['x-answer'], 'yes');
      assert.equal(answer.headers['content-type'], 'application/json');
      assert.equal(await arena.during(readAll(answer.body)), '<grüße 服务 😀>');
      assert.equal(seen?.path, '/read-message');
      assert.equal(seen.headers['x-question'], 'a b');
      assert.equal(seen.remoteIp, '127.0.0.1');
    });

    it('carries empty bodies', async () => {
      await listen(async (request) => ok(await readAll(request.body)));
      assert.equal(await ask(''), '');
      assert.equal(await ask(new ByteSource(0)), '');
    });

    it('takes a request of 50 MB without holding it', async () => {
      const source = new ByteSource(LARGE_BYTES);
      await listen(async (request) => ok(String(await readLength(request.body, source))));
      assert.equal(await ask(source), String(LARGE_BYTES));
      assert.ok(source.mostAhead < MOST_UNDER_WAY_BYTES, `${source.mostAhead} bytes under way at once`);
    });

    it('gives an answer of 50 MB without holding it', async () => {
      const source = new ByteSource(LARGE_BYTES);
      await listen(async () => ok(source));
      const answer = await post('give');
      assert.equal(await arena.during(readLength(answer.body, source)), LARGE_BYTES);
      assert.ok(source.mostAhead < MOST_UNDER_WAY_BYTES, `${source.mostAhead} bytes under way at once`);
    });

    it('relays a request while it arrives', async () => {
      const source = new ByteSource(LARGE_BYTES / 10);
      await listen(async (request) => ok(request.body));
      const answer = await post(source);
      assert.equal(await arena.during(readLength(answer.body)), LARGE_BYTES / 10);
    });

    it('says that an answer was sent once all of it was', async () => {
      const bodies = ['', 'text', 'x'.repeat(300_000), new ByteSource(1_000_000)];
      const outcomes = bodies.map(() => signal<boolean>());
      const waiting = bodies.map((body, index) => ({ body, onSent: outcomes[index]?.give }));
      await listen(async () => {
        const { body = 'none left', onSent = () => undefined } = waiting.shift() ?? {};
        return { ...ok(body), onSent };
      });
      for (const outcome of outcomes) {
        await ask('give');
        assert.equal(await arena.during(outcome.value), true);
      }
    });

    it('says that an answer was not sent where its reader leaves, and closes its source', async () => {
      const sent = signal<boolean>();
      const source = new ByteSource(LARGE_BYTES);
      await listen(async () => ({ ...ok(source), onSent: sent.give }));
      const answer = await post('give');
      const reader = answer.body[Symbol.asyncIterator]();
      await arena.during(reader.next());
      await arena.during(reader.return?.() ?? Promise.reject(new Error('the body cannot be left')));
      assert.equal(await arena.during(sent.value), false);
      assert.equal(source.closed, true);
    });

    it('lets an answer be left before it is read', async () => {
      const sent = signal<boolean>();
      await listen(async () => ({ ...ok(new ByteSource(LARGE_BYTES)), onSent: sent.give }));
      const answer = await post('give');
      await answer.body[Symbol.asyncIterator]().return?.();
      assert.equal(await arena.during(sent.value), false);
    });

    it('never passes a part of an answer off as the whole', async () => {
      const sent = signal<boolean>();
      await listen(async () => ({ ...ok(new ByteSource(LARGE_BYTES, 200_000)), onSent: sent.give }));
      const answer = await post('give');
      await assert.rejects(arena.during(readAll(answer.body)), hasCode('PEER_UNREACHABLE'));
      assert.equal(await arena.during(sent.value), false);
    });

    it('never passes a part of a request off as the whole', async () => {
      const outcome = signal<unknown>();
      await listen(async (request) => {
        await readAll(request.body).then(outcome.give, outcome.give);
        return ok('');
      });
      await assert.rejects(post(new ByteSource(LARGE_BYTES, 200_000)), RedlinkError);
      const thrown = await arena.during(outcome.value);
      assert.ok(thrown instanceof RedlinkError, 'the handler read a part as if it were all');
    });

    it('answers a request whose body nobody reads', async () => {
      await listen(async () => ok('no, thanks'));
      assert.equal(await ask('x'.repeat(500_000)), 'no, thanks');
      assert.equal(await ask('again'), 'no, thanks');
    });

    it('closes the source of a request that is answered before it is out', async () => {
      const source = new ByteSource(LARGE_BYTES);
      await listen(async (request) => {
        for await (const chunk of request.body) if (chunk.byteLength > 0) break;
        return ok('enough');
      });
      assert.equal(await ask(source), 'enough');
      await arena.during(source.whenClosed);
      assert.ok(source.given < LARGE_BYTES);
    });

    it('gives up on an answer that does not come', async () => {
      await listen(() => new Promise<WireResponse>(() => undefined));
      await assert.rejects(post('anybody?', HASTY), hasCode('PEER_TIMEOUT'));
    });

    it('gives up on an answer that stands still', async () => {
      const source = new ByteSource(1_000_000, Infinity, 200_000);
      await listen(async () => ok(source));
      const answer = await post('give', HASTY);
      await assert.rejects(arena.during(readAll(answer.body)), hasCode('PEER_TIMEOUT'));
    });

    it('gives up on a request that nobody takes', async () => {
      const source = new ByteSource(LARGE_BYTES);
      await listen(() => new Promise<WireResponse>(() => undefined));
      const limits = { answerWithinMs: 20_000, idleMs: 300 };
      await assert.rejects(post(source, limits), hasCode('PEER_TIMEOUT'));
      await arena.during(source.whenClosed);
    });

    it('reports a peer that nobody runs as unreachable, and closes the source of the request', async () => {
      // More than waits for a connection to be made: one that has come to its end is closed by that.
      const source = new ByteSource(50_000_000);
      await assert.rejects(post('hello'), hasCode('PEER_UNREACHABLE'));
      await assert.rejects(post(source), hasCode('PEER_UNREACHABLE'));
      await arena.during(source.whenClosed);
    });

    it('turns a handler that fails into an answer with a code and without a stack', async () => {
      const failures = [new RedlinkError('STORE_FULL', 'no room'), new Error('secret')];
      await listen(async () => {
        throw failures.shift() ?? new Error('none left');
      });
      const answers = [];
      for (const nth of ['first', 'second']) {
        const answer = await post(nth);
        assert.equal(answer.status, 500);
        answers.push(JSON.parse(await arena.during(readAll(answer.body))));
      }
      assert.deepEqual(answers, [
        { error: 'no room', code: 'STORE_FULL' },
        { error: 'the store failed to answer', code: 'INTERNAL' },
      ]);
    });

    it('carries 200 requests at once', async () => {
      await listen(async (request) => ok(await readAll(request.body)));
      const texts = Array.from({ length: 200 }, (_, index) => `request ${index}`);
      const answers = await Promise.all(texts.map((text) => ask(text)));
      assert.deepEqual(answers, texts);
    });

    it('refuses an address that is taken', async () => {
      await listen(async () => ok(''));
      const second = arena.transport();
      await assert.rejects(
        arena.during(second.listen({ address }, async () => ok(''))),
        hasCode('LISTEN_FAILED'),
      );
    });

    it('ends what is under way when a listener closes, and listens again at once', async () => {
      const sent = signal<boolean>();
      const source = new ByteSource(LARGE_BYTES);
      const first = await listen(async (request) => {
        if ((await readAll(request.body)) === 'stream') return { ...ok(source), onSent: sent.give };
        return new Promise<WireResponse>(() => undefined);
      });
      const streaming = await post('stream');
      const waiting = assert.rejects(post('wait'), hasCode('PEER_UNREACHABLE'));
      await arena.during(first.close());
      await waiting;
      assert.equal(await arena.during(sent.value), false);
      await assert.rejects(arena.during(readAll(streaming.body)), RedlinkError);
      await listen(async () => ok('back'));
      assert.equal(await ask('again'), 'back');
    });

    it('fails calls under way, and later ones, when it closes', async () => {
      const asked = signal<undefined>();
      await listen(() => {
        asked.give(undefined);
        return new Promise<WireResponse>(() => undefined);
      });
      const waiting = assert.rejects(post('wait'), hasCode('CLOSED'));
      await arena.during(asked.value);
      await arena.during(client.close());
      await waiting;
      await assert.rejects(post('again'), hasCode('CLOSED'));
    });
  });
}

function ok(body: WireBody): WireResponse {
  return { status: 200, headers: {}, body };
}

function hasCode(code: string): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof RedlinkError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    return true;
  };
}
