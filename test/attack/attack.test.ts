/**
 * Attacks on a live store over real HTTPS, in both modes (docs/SECURITY.md, "Threat model"). `npm run attack` tries
 * many more inputs than the share that runs with the unit tests. `REDLINK_ATTACK_SEED` replays a run.
 */
import assert from 'node:assert/strict';
import { createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { freePort } from '../conformance/ports.js';
import { ENDPOINTS, hostileBody } from './bodies.js';
import { HostilePeer } from './hostile-peer.js';
import { answersTo, Member } from './member.js';
import { Stranger, type Answer } from './stranger.js';
import { Target, type Report } from './target.js';

/** Inputs per endpoint and mode, and silent connections: a share here, all of them in `npm run attack`. */
const INPUTS = Number(process.env['REDLINK_ATTACK_INPUTS'] ?? 100);
const SILENT = INPUTS > 1_000 ? 1_000 : 100;
const SEED = Number(process.env['REDLINK_ATTACK_SEED'] ?? Date.now() % 1_000_000_000);

/** Inputs that are sent at a time. */
const AT_A_TIME = 16;

/** CPU time that one request may hold the event loop, ms; the share runs beside other things, on any machine. */
const HELD_MS = INPUTS > 1_000 ? 50 : 500;

for (const mode of ['legacy', 'mesh'] as const) {
  describe(`a store in ${mode} mode under attack (seed ${SEED})`, function () {
    this.timeout(INPUTS > 1_000 ? 7_200_000 : 120_000);
    let target: Target;
    let stranger: Stranger;
    let member: Member;
    let earlier: Report;
    let peer: HostilePeer;

    before(async () => {
      peer = await HostilePeer.open();
      target = await Target.start(mode, peer.port);
      stranger = new Stranger(target.port);
      member = await Member.join(target.port, mode === 'mesh' ? target.meshKey : undefined);
    });
    beforeEach(async () => {
      earlier = await target.report();
    });
    after(async () => {
      stranger.close();
      await member.close();
      await target.stop();
      await peer.close();
    });

    /** What holds after every attack. */
    async function unharmed(): Promise<Report> {
      const now = await target.report();
      assert.equal(now.hash, earlier.hash, 'the state has changed');
      assert.deepEqual(now.files, earlier.files, 'files have come or gone');
      assert.equal(now.owned, false, 'code was run');
      return now;
    }

    function sound({ status, text }: Answer): void {
      assert.ok(status >= 200 && status < 500, `status ${status}: ${text}`);
      assert.doesNotMatch(text, /the secret/);
      assert.doesNotMatch(text, /\bat .*\.[jt]s:\d+/, 'a stack');
      if (mode === 'mesh') assert.equal(status, 401);
    }

    for (const [name, { path, body }] of Object.entries(ENDPOINTS)) {
      it(`answers ${INPUTS} hostile bodies of a stranger for ${name}, and does nothing`, async () => {
        const bodies = fc.sample(hostileBody(body), { numRuns: INPUTS, seed: SEED });
        for (let at = 0; at < bodies.length; at += AT_A_TIME) {
          const some = bodies.slice(at, at + AT_A_TIME);
          const answers = await Promise.all(some.map((one) => stranger.post(path, one)));
          answers.forEach((answer, n) => {
            try {
              sound(answer);
            } catch (thrown) {
              throw new Error(`after ${String(some[n]).slice(0, 500)}`, { cause: thrown });
            }
          });
        }
        await unharmed();
      });
    }

    if (mode === 'mesh') {
      it('survives a member that misuses its key', async () => {
        for (const { path, body } of Object.values(ENDPOINTS)) {
          const bodies = fc.sample(hostileBody(body), { numRuns: INPUTS, seed: SEED });
          for (let at = 0; at < bodies.length; at += AT_A_TIME) {
            const some = bodies.slice(at, at + AT_A_TIME);
            for (const { status, text } of await Promise.all(some.map((one) => member.post(path, one)))) {
              assert.ok(status >= 200 && status < 500, `status ${status}: ${text}`);
              assert.doesNotMatch(text, /the secret/);
            }
          }
        }
        assert.equal((await target.report()).owned, false);
      });

      it('takes a signed request once, as it was signed, and only where it belongs', async () => {
        const first = await member.byHand('/read-message', '{}', 'mesh0:victim');
        const [good = '', again = ''] = await answersTo(first.socket, [first.request, first.request]);
        assert.doesNotMatch(good, /401/);
        assert.match(again, /401 [^]*REPLAYED/);
        const changed = await member.byHand('/read-message', '{"a":1}', 'mesh0:victim');
        assert.match(
          (await answersTo(changed.socket, [changed.request.replace('{"a":1}', '{"a":2}')])).join(),
          /BAD_SIGNATURE/,
        );
        const moved = await member.byHand('/read-message', '{}', 'mesh0:victim');
        assert.match(
          (await answersTo(moved.socket, [moved.request.replace('/read-message', '/notify')])).join(),
          /BAD_SIGNATURE/,
        );
        const astray = await member.byHand('/read-message', '{}', 'mesh0:other');
        assert.match((await answersTo(astray.socket, [astray.request])).join(), /WRONG_AUDIENCE/);
        const stolen = await member.byHand('/read-message', '{}', 'mesh0:victim');
        assert.match(
          await stranger.raw(stolen.request.replace('host: x', 'host: x\r\nconnection: close')),
          /NOT_SIGNED/,
        );
        for (const { socket } of [first, changed, moved, astray, stolen]) socket.destroy();
        await unharmed();
      });
    }

    it('cuts bodies that are too large, too deep, compressed or cut off', async () => {
      const large = Buffer.alloc(INPUTS > 1_000 ? 100_000_000 : 5_000_000, 'x');
      const deep = '['.repeat(400_000);
      const wide = JSON.stringify({ notifyType: 'producerNotification', notifyPath: { length: 1e8 } });
      for (const path of ['/notify', '/read-message', '/reply-message', '/redlink/verbs', '/nowhere']) {
        for (const answer of [await stranger.post(path, deep), await stranger.post(path, wide)]) {
          assert.ok(answer.status < 500, `${path}: ${answer.status}`);
        }
        const packed = await stranger.post(path, gzipSync(Buffer.alloc(1_000_000)), {
          'content-encoding': 'gzip',
        });
        assert.ok(packed.status < 500, `${path}: ${packed.status}`);
        // The answer may come before all was sent, and the rest is cut: both are an end.
        assert.ok((await stranger.post(path, large)).status < 500, path);
        await stranger.raw(
          `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\nconnection: close\r\n\r\n{"a"`,
        );
      }
      const { heapMb } = await unharmed();
      assert.ok(heapMb < 500, `${heapMb} MB`);
    });

    it('is held up by no single request', async () => {
      const costly = [
        JSON.stringify({ notifyType: 'producerNotification', notifyPath: { length: 1e8 } }),
        JSON.stringify({
          notifyType: 'confirmNotification',
          tempPath: Array.from({ length: 100_000 }, () => []),
        }),
        JSON.stringify({ redlinkMsgId: 'queued', notifyPath: 'A'.repeat(1_000_000) }),
        `{"notifyType":"${'\\u0041'.repeat(150_000)}"}`,
        '['.repeat(1_000_000),
        `{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":${n}`).join()}}`,
      ];
      // The first time it is the loading of code that takes long.
      for (const body of costly) sound(await stranger.post('/notify', body));
      await target.report();
      for (const path of ['/notify', '/read-message', '/reply-message', '/redlink/verbs']) {
        for (const body of costly) {
          sound(await stranger.post(path, body));
          const { heldMs } = await target.report();
          assert.ok(heldMs < HELD_MS, `held for ${heldMs} ms by ${path} ${body.slice(0, 60)}`);
        }
      }
      await unharmed();
    });

    it('answers headers that try to confuse it', async () => {
      const body = '{}';
      const tricks = [
        `POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 5\r\n\r\n${body}`,
        `POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
        `POST /notify HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
        `POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n`,
        `POST /notify HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
        `POST /notify HTTP/1.1\r\nhost: x\r\nauthorization: Redlink-Signature ${'a="%",'.repeat(900)}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
        `POST /../../etc/passwd HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
        `POST https://127.0.0.1:9/notify HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
        `POST /redlink/hello HTTP/1.1\r\nhost: x\r\nauthorization: Redlink-Hello key="", sender="mesh0:x"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
        `CONNECT 127.0.0.1:9 HTTP/1.1\r\nhost: x\r\n\r\n`,
        `GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade, close\r\n\r\n`,
        `nonsense\r\n\r\n`,
        '\u0000\u0001\u0002'.repeat(100),
      ];
      for (const trick of tricks) {
        const answer = await stranger.raw(trick);
        assert.match(answer, /^HTTP\/1\.1 [1-4]\d\d /, trick.slice(0, 100));
        assert.doesNotMatch(answer, /\bat .*\.[jt]s:\d+/);
      }
      await unharmed();
    });

    it(`serves others while ${SILENT} connections say nothing or drip`, async () => {
      const sockets = await Promise.all(Array.from({ length: SILENT }, () => stranger.open()));
      sockets.forEach((socket, n) => {
        if (n % 2 === 0) socket.write('POST /notify HTTP/1.1\r\nhost: x\r\nx-drip: ');
      });
      for (let n = 0; n < 20; n += 1) {
        const { status } = await member.post('/read-message', '{"redlinkProducerId":"p"}');
        assert.ok(status < 500);
      }
      for (const socket of sockets) socket.destroy();
      await unharmed();
    });

    it('bounds what a flood of registrations leaves behind', async () => {
      for (let at = 0; at < INPUTS; at += AT_A_TIME) {
        await Promise.all(
          Array.from({ length: AT_A_TIME }, async (_, n) => {
            const registered = {
              serviceName: `s${at + n}`,
              consumerId: `c${at + n}`,
              storeName: 'mesh0:flood',
            };
            const where = {
              storeAddress: '10.0.0.1',
              storePort: '9',
              transitAddress: '127.0.0.1',
              transitPort: '9',
            };
            const consumer = {
              ...registered,
              ...where,
              localStoreName: 'mesh0:flood',
              direction: 'north',
              hopCount: 0,
              ttl: 9_999_999_999,
            };
            sound(
              await stranger.post(
                '/notify',
                JSON.stringify({ notifyType: 'consumerRegistration', consumer }),
              ),
            );
          }),
        );
      }
      const { routes } = await unharmed();
      assert.ok(routes <= 20_100, `${routes} routes`);
    });

    it('never connects to an address that a body names', async () => {
      let caught = 0;
      const trap = createTcpServer((socket) => {
        caught += 1;
        socket.destroy();
      });
      const port = await freePort();
      await new Promise<void>((resolve) => trap.listen(port, '127.0.0.1', resolve));
      try {
        for (const { path, body } of Object.values(ENDPOINTS).slice(2)) {
          const aimed = JSON.stringify(body).replaceAll('"9"', `"${port}"`);
          sound(await stranger.post(path, aimed));
        }
        assert.equal(caught, 0);
      } finally {
        await new Promise((resolve) => trap.close(resolve));
      }
      await unharmed();
    });

    it('survives what a hostile peer answers', async () => {
      assert.ok(peer.answered > 0, 'the store has not asked its north');
      await unharmed();
    });
  });
}
