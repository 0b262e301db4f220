/**
 * A process with one store, put together as the node does it, for others to attack. Says over the channel what
 * became of it: whether anything changed, and how long one turn of its event loop took at most.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { composeStore, foldersOf } from '../../nodes/runtime/compose-store.js';
import { readStoreConfig } from '../../nodes/runtime/store-config.js';
import type { RouteRow } from '../../src/engine/rows.js';
import { UNOBSERVED } from '../../src/store/store-observer.js';
import { SILENT_LOG } from '../../src/support/log.js';

/** How often the event loop's turns are measured, ms. */
const TICK_MS = 5;

const US_PER_MS = 1_000;

const [folder = '', port = '', mode = '', meshKey = '', north = ''] = process.argv.slice(2);

const config = readStoreConfig({
  properties: {
    name: 'victim',
    meshName: 'mesh0',
    listenAddress: '127.0.0.1',
    listenPort: port,
    security: mode,
    // What a journal writes comes and goes by itself.
    persistence: 'memory',
    headers: north === '' ? [] : [{ ip: '127.0.0.1', port: north, redistribute: true }],
  },
  credentials: { meshKey },
  settings: {},
  hostName: 'localhost',
  tlsSource: () => {
    throw new Error('there are no tls-config nodes here');
  },
});
const folders = foldersOf(config.options.name, folder, '');
const { store } = await composeStore(config, folders, SILENT_LOG, UNOBSERVED);

// Something to steal, and somebody to work: it takes nothing, so that only an attack could make it.
store.attachConsumer({
  id: 'idle',
  service: 'svc',
  inTransitLimit: 0,
  wake: () => undefined,
  replyFailed: () => undefined,
});
await store.accept({
  id: 'queued',
  producerId: 'producer',
  service: 'nobody',
  priority: 0,
  sendOnly: false,
  reversePath: true,
  lifetimeMs: Infinity,
  notifyIntervalMs: 15_000,
  redeliver: false,
  maxDeliver: 1,
  body: { text: '{"payload":"the secret"}', restore: '' },
  preserved: undefined,
  correlationId: '',
});
await store.open();

let heldMs = 0;
let before = process.cpuUsage();
/** CPU rather than wall time: what other processes do on this machine is not the store's fault. */
setInterval(() => {
  const used = process.cpuUsage(before);
  before = process.cpuUsage();
  heldMs = Math.max(heldMs, (used.user + used.system) / US_PER_MS);
}, TICK_MS);

/** What the store itself renews every few minutes of its own consumers is no change. */
function withoutRenewal(row: RouteRow): object {
  return row.direction === 'local' ? { ...row, counter: 0, expiresEpochS: 0 } : row;
}

/** Folders aside: one is made the first time that a value is too large for memory, and stays. */
function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function report(): object {
  const { engine } = store;
  const guarded = [
    engine.messages.rows(),
    engine.notifies.rows(),
    engine.replies.rows(),
    engine.consumers.rows(),
  ];
  // In legacy mode a registration is anybody's right; in mesh mode it is not.
  const open = [[...engine.routes.rows()].map(withoutRenewal), store.southPeers()];
  const state = mode === 'mesh' ? [...guarded, ...open] : guarded;
  const hash = createHash('sha256')
    .update(JSON.stringify(state.map((rows) => [...rows])))
    .digest('hex');
  const told = {
    hash,
    heldMs,
    files: filesIn(folder),
    owned: Reflect.get(globalThis, 'owned') !== undefined,
    routes: engine.routes.size,
    heapMb: Math.round(process.memoryUsage().heapUsed / 1_048_576),
  };
  heldMs = 0;
  return told;
}

process.on('message', (asked) => {
  if (z.literal('report').safeParse(asked).success) process.send?.(report());
});
process.on('disconnect', () => {
  process.exit();
});
process.send?.('ready');
