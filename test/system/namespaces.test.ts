import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Edition, NODE_RED_4 } from '../support/node-red-process.js';
import { freePort } from '../support/free-port.js';
import { Instance } from './driven-node-red.js';

const TEST_LIMIT_MS = 120_000;

/** A host of its own on this machine: a network namespace, joined to the rest by one cable. */
const NAMESPACE = `redlink-${process.pid}`;
const NEAR_END = `rln${process.pid % 100_000}`;
const FAR_END = `rlf${process.pid % 100_000}`;
const NEAR = '10.77.0.1';
const FAR = '10.77.0.2';

/** Long enough that calls under way have failed and routes are gone, ms. */
const APART_MS = 8_000;

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}

function far(...args: string[]): void {
  ip('netns', 'exec', NAMESPACE, 'ip', ...args);
}

describe('two hosts with a network between them', function () {
  this.timeout(TEST_LIMIT_MS);
  const folder = mkdtempSync(join(tmpdir(), 'redlink-hosts-'));
  let running: Instance[] = [];

  before(() => {
    ip('netns', 'add', NAMESPACE);
    ip('link', 'add', NEAR_END, 'type', 'veth', 'peer', 'name', FAR_END, 'netns', NAMESPACE);
    ip('addr', 'add', `${NEAR}/30`, 'dev', NEAR_END);
    ip('link', 'set', NEAR_END, 'up');
    far('addr', 'add', `${FAR}/30`, 'dev', FAR_END);
    far('link', 'set', FAR_END, 'up');
    far('link', 'set', 'lo', 'up');
  });

  after(async () => {
    await Promise.all(running.map((instance) => instance.end()));
    ip('netns', 'del', NAMESPACE);
    rmSync(folder, { recursive: true });
  });

  it('lose no message when the cable is pulled and put back', async () => {
    const [nearPort, farPort] = [await freePort(), await freePort()];
    const south = new Instance({
      edition: NODE_RED_4,
      name: 'South',
      host: NEAR,
      port: nearPort,
      norths: [farPort],
      northHost: FAR,
      producer: { producerConsumer: 'northern' },
    });
    const north = new Instance({
      edition: inNamespace(),
      name: 'North',
      host: FAR,
      port: farPort,
      serves: 'northern',
    });
    running = [south, north];
    await Promise.all(running.map((instance) => instance.start()));
    await south.sees('northern');
    await south.send('northern', ['before']);
    await south.replies(1);

    ip('link', 'set', NEAR_END, 'down');
    await south.send('northern', ['one', 'two', 'three']);
    await new Promise((resolve) => setTimeout(resolve, APART_MS));
    assert.equal((await south.came()).replies.length, 1);
    ip('link', 'set', NEAR_END, 'up');

    const replies = await south.replies(4);
    assert.deepEqual(
      replies
        .map(({ payload }) => payload)
        .slice(1)
        .sort(),
      ['one', 'three', 'two'],
    );
    assert.deepEqual((await south.came()).failures, []);
  });

  /** Node-RED 4.1 on the far host. */
  function inNamespace(): Edition {
    const node = join(folder, 'node');
    writeFileSync(node, `#!/bin/sh\nexec ip netns exec ${NAMESPACE} '${NODE_RED_4.node}' "$@"\n`, {
      mode: 0o755,
    });
    return { ...NODE_RED_4, node };
  }
});
