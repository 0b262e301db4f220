/**
 * A process that floods a store, of lower priority than the store: an attacker has a machine of his own, and must not
 * take the processor from who is attacked. Says over the channel that it has begun.
 */
import { setPriority } from 'node:os';
import { connect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { ENDPOINTS } from './bodies.js';
import { Stranger } from './stranger.js';

const LOWEST_PRIORITY = 19;

/** What one attacker does at a time. */
const AT_A_TIME = 16;

/** A connection that says nothing is opened anew after so long, ms, should it have been ended. */
const AGAIN_MS = 1_000;

const LARGE_BYTES = 5_000_000;

const [port = '', kind = '', silent = ''] = process.argv.slice(2);
setPriority(LOWEST_PRIORITY);

const stranger = new Stranger(Number(port));
let number = 0;

function registration(): string {
  number += 1;
  const { body } = ENDPOINTS['registration'] ?? { body: {} };
  return JSON.stringify(body).replace('"c"', `"c${number}"`).replace('"svc"', `"s${number}"`);
}

const LARGE = Buffer.alloc(LARGE_BYTES, 'x');
const PACKED = gzipSync(Buffer.alloc(LARGE_BYTES));
const DEEP = '['.repeat(400_000);

async function handshake(): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      resolve();
    });
    socket.once('secureConnect', () => socket.destroy());
  });
}

/** A connection that drips, until it is ended. */
async function drip(): Promise<void> {
  const socket = await stranger.open();
  if (!socket.destroyed) {
    socket.write('POST /notify HTTP/1.1\r\nhost: x\r\nx-drip: ');
    await new Promise((resolve) => socket.once('close', resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
}

const ATTACKS: Readonly<Record<string, { readonly at: number; readonly act: () => Promise<unknown> }>> = {
  handshakes: { at: AT_A_TIME, act: handshake },
  silence: { at: Number(silent), act: drip },
  registrations: { at: AT_A_TIME, act: () => stranger.post('/notify', registration()) },
  large: { at: 1, act: () => stranger.post('/notify', LARGE) },
  deep: { at: 4, act: () => stranger.post('/notify', DEEP) },
  packed: { at: 4, act: () => stranger.post('/notify', PACKED, { 'content-encoding': 'gzip' }) },
};

const attack = ATTACKS[kind];
if (attack === undefined) throw new Error(`no attack is called ${kind}`);

let done = 0;
for (let n = 0; n < attack.at; n += 1) {
  void (async () => {
    for (;;) {
      await attack.act();
      done += 1;
    }
  })();
}
process.on('message', () => process.send?.(done));
process.on('disconnect', () => {
  process.exit();
});
process.send?.('begun');
