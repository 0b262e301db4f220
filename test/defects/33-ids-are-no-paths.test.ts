import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldersOf } from '../../nodes/runtime/compose-store.js';
import { DiskPayloads } from '../../src/payload/disk.js';
import { textSource } from '../../src/payload/sources.js';
import { freePort } from '../support/free-port.js';
import { postJson } from '../support/hand-made.js';
import { RemoteStore } from '../support/remote-store.js';

describe('DEFECTS 33: nothing that a peer or a flow says becomes the name of a file', () => {
  it('a payload lies under a generated name in the folder of its store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'redlink-test-'));
    try {
      const payloads = new DiskPayloads({ folder });
      const stored = await payloads.save(textSource('"large"', undefined));
      assert.deepEqual(readdirSync(folder), [stored.name]);
      assert.match(stored.name, /^[0-9a-f-]{36}\.payload$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('a name that leads elsewhere is neither read nor removed', async () => {
    const payloads = new DiskPayloads({ folder: join(tmpdir(), 'redlink-nowhere') });
    const outside = payloads.source({ name: '../../etc/hostname', byteLength: 1, restore: undefined });
    await assert.rejects(
      async () => {
        for await (const chunk of outside.open()) assert.fail(`${chunk.length} bytes were read`);
      },
      { code: 'PAYLOAD_IO' },
    );
  });

  it('the name of a store cannot lead out of the user directory', () => {
    const { own } = foldersOf('mesh0:../../../etc', '/home/me/.node-red', '');
    assert.match(own.replaceAll('\\', '/'), /^\/home\/me\/\.node-red\/redlink\/mesh0_etc-[0-9a-f]{8}$/);
  });

  it('a reply whose id is a path changes nothing', async () => {
    const port = await freePort();
    const store = await RemoteStore.open(port);
    try {
      const answer = await postJson(port, '/reply-message', {
        redlinkProducerId: 'p',
        replyingService: 'svc',
        replyingServiceId: 'c',
        redlinkMsgId: '../../../../tmp/evil',
        replyDelay: 1,
        payload: Buffer.from(JSON.stringify('x'.repeat(50_000)), 'utf16le').toString('base64'),
        notifyPath: Buffer.from('[]', 'utf16le').toString('base64'),
        enm: '0',
        cerror: '',
      });
      assert.ok(answer.status < 500);
      assert.equal(store.payloads.size, 0);
      assert.equal(store.store.engine.replies.size, 0);
    } finally {
      await store.close();
    }
  });
});
