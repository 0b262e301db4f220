/**
 * Attacks on a live store over real HTTPS, in both modes (docs/SECURITY.md, "Threat model"), but for the bodies that
 * `fuzz.test.ts` makes.
 */
import assert from 'node:assert/strict';
import { createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { freePort } from '../support/free-port.js';
import { ENDPOINTS } from './bodies.js';
import { answersTo, type Member } from './member.js';
import { AT_A_TIME, HELD_MS, IN_FULL, INPUTS, SILENT, TEST_WITHIN_MS } from './scale.js';
import { Siege } from './siege.js';
import type { Stranger } from './stranger.js';
import type { Target } from './target.js';

const OFFER = JSON.stringify(ENDPOINTS['offer']?.body);

const HOP = { storeName: 'mesh0:far', address: { host: '10.0.0.1', port: '9' }, reversePath: true };

/** As many stores as a path may have. */
const WHOLE_PATH = Array.from({ length: 16 }, () => HOP);

/** An offer as new stores write it. */
const V4_OFFER = {
  verb: 'offer',
  service: 'svc',
  messageId: 'm',
  producerId: 'p',
  source: HOP,
  reversePath: true,
  hopCount: 1,
};

for (const mode of ['legacy', 'mesh'] as const) {
  describe(`a store in ${mode} mode under attack`, function () {
    this.timeout(TEST_WITHIN_MS);
    let siege: Siege;
    let target: Target;
    let stranger: Stranger;
    let member: Member;

    before(async () => {
      siege = await Siege.begin(mode);
      ({ target, stranger, member } = siege);
    });
    beforeEach(() => siege.look());
    after(() => siege.end());

    if (mode === 'mesh') {
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
        await siege.unharmed();
      });
    }

    it('cuts bodies that are too large, too deep, compressed or cut off', async () => {
      const large = Buffer.alloc(IN_FULL ? 100_000_000 : 5_000_000, 'x');
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
      const { heapMb } = await siege.unharmed();
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
        `[${'{},'.repeat(300_000)}1]`,
        OFFER.replace('127.0.0.1', `${':'.repeat(900_000)}x`),
        Array.from({ length: 256 }, () => JSON.stringify({ ...V4_OFFER, path: WHOLE_PATH })).join('\n'),
        `{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":${n}`).join()}}`,
      ];
      // The first time it is the loading of code that takes long.
      for (const body of costly) siege.sound(await stranger.post('/notify', body));
      await target.report();
      for (const path of ['/notify', '/read-message', '/reply-message', '/redlink/verbs']) {
        for (const body of costly) {
          siege.sound(await stranger.post(path, body));
          const { heldMs } = await target.report();
          assert.ok(heldMs < HELD_MS, `held for ${heldMs} ms by ${path} ${body.slice(0, 60)}`);
        }
      }
      await siege.unharmed();
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
      await siege.unharmed();
    });

    it('serves others of an address from which requests came by the thousand in one packet', async () => {
      const request = 'POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}';
      // What the store does not read any more may cut the connection before the first answer is read here.
      for (let n = 0; n < 5; n += 1) await stranger.raw(request.repeat(2_000));
      for (let n = 0; n < 20; n += 1) {
        const { status } = await member.post('/read-message', '{"redlinkProducerId":"p"}');
        assert.equal(status, 200);
      }
      await siege.unharmed();
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
      await siege.unharmed();
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
            siege.sound(
              await stranger.post(
                '/notify',
                JSON.stringify({ notifyType: 'consumerRegistration', consumer }),
              ),
            );
          }),
        );
      }
      const { routes } = await siege.unharmed();
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
          siege.sound(await stranger.post(path, aimed));
        }
        assert.equal(caught, 0);
      } finally {
        await new Promise((resolve) => trap.close(resolve));
      }
      await siege.unharmed();
    });

    it('survives what a hostile peer answers', async () => {
      assert.ok(siege.peer.answered > 0, 'the store has not asked its north');
      await siege.unharmed();
    });
  });
}
