import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { openEditor } from './session.js';

/** A mesh key as it is made: 32 bytes in base64url. */
const MESH_KEY = /^[\w-]{43}$/;

describe('security in the form of a store', function () {
  this.timeout(120_000);
  const session = openEditor();
  let north = '';
  let south = '';
  let port = '';

  it('a new store asks for a key, one click makes it, and after the deploy it is kept and no longer shown', async () => {
    const editor = session();
    port = String(await freePort());
    north = await editor.drag('redlink store', 200, 100);
    await editor.openForm(north);
    await editor.fill({ name: 'north', listenAddress: '127.0.0.1', listenPort: port });
    assert.match(await editor.notesBelow(editor.field('meshKey')), /serves this Node-RED alone/);
    await editor.page.locator('#redlink-store-make-key').click();
    await editor.page.waitForFunction('$("#node-input-meshKey").val().length === 43');
    const { meshKey } = await editor.shown(['meshKey']);
    assert.match(String(meshKey), MESH_KEY);
    assert.match(await editor.notesBelow(editor.field('meshKey')), /same key into every store/);
    assert.equal(await editor.page.locator('#redlink-store-copy-key').isEnabled(), true);
    await editor.done();
    await editor.deploy();
    await editor.openForm(north);
    assert.deepEqual(await editor.shown(['meshKey']), { meshKey: '__PWRD__' });
    assert.match(await editor.notesBelow(editor.field('meshKey')), /A key is set/);
    assert.equal(await editor.page.locator('#redlink-store-copy-key').isEnabled(), false);
    await editor.cancel();
    assert.equal(
      JSON.stringify(await editor.node(north)).includes(String(meshKey)),
      false,
      'not in the flow',
    );
  });

  it('the test of a north peer says what it found: another key, no store, another mode', async () => {
    const editor = session();
    south = await editor.drag('redlink store', 200, 200);
    await editor.openForm(south);
    await editor.fill({ name: 'south', listenAddress: '127.0.0.1', listenPort: String(await freePort()) });
    await editor.page.locator('#redlink-store-make-key').click();
    await editor.page.waitForFunction('$("#node-input-meshKey").val().length === 43');
    await editor.page.locator('.redlink-peers .red-ui-editableList-addButton').click();
    const found = editor.page.locator('.redlink-peer-found');
    const test = async (portOfPeer: string, words: RegExp): Promise<void> => {
      await editor.page.locator('.redlink-peer-ip').fill('127.0.0.1');
      await editor.page.locator('.redlink-peer-port').fill(portOfPeer);
      await editor.page.locator('.redlink-peer-test').click();
      await editor.page.locator('.redlink-peer-test:enabled').waitFor();
      assert.match(await found.innerText(), words);
    };
    await test(port, /another mesh key/);
    await test(String(await freePort()), /No connection/);
    await test('none', /between 1 and 65535/);
    await editor.fill({ security: 'legacy' });
    await test(port, /mesh mode/);
    await editor.done();
    // A refusal is an answer of the test, and no error of the page.
    assert.deepEqual(editor.problems, []);
  });

  it('the test of a north peer names the store that answers', async () => {
    const editor = session();
    await editor.openForm(north);
    await editor.fill({ security: 'legacy' });
    await editor.done();
    await editor.deploy();
    await editor.openForm(south);
    const found = editor.page.locator('.redlink-peer-found .fa-check');
    // The listener is there a moment after the deploy.
    for (let tries = 0; tries < 10 && (await found.count()) === 0; tries += 1) {
      await editor.page.locator('.redlink-peer-test').click();
      await editor.page.locator('.redlink-peer-test:enabled').waitFor();
    }
    assert.match(await editor.page.locator('.redlink-peer-found').innerText(), /answers \(legacy mode/);
    await editor.cancel();
    assert.deepEqual(editor.problems, []);
  });
});
