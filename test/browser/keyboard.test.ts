import assert from 'node:assert/strict';
import { openEditor } from './session.js';

describe('the forms, by keyboard alone', function () {
  this.timeout(90_000);
  const session = openEditor();

  /** Moves the focus on until it is where it should be; a field that cannot be reached fails. */
  async function tabTo(selector: string): Promise<void> {
    const { page } = session();
    const isThere = `document.activeElement !== null && document.activeElement.matches(${JSON.stringify(selector)})`;
    for (let presses = 0; presses < MOST_STOPS; presses += 1) {
      if ((await page.evaluate(isThere)) === true) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`${selector} is not reached with Tab`);
  }

  /** More stops than any form has. */
  const MOST_STOPS = 60;

  it('open with Enter, lead through every group, unfold, tick and choose, and close with Ctrl-Enter', async () => {
    const editor = session();
    const { page } = editor;
    const id = await editor.drag('redlink store', 200, 100);
    await page.keyboard.press('Enter');
    await page.locator('#node-dialog-ok').waitFor();
    await editor.trayAtRest();

    await tabTo('#node-input-name');
    await page.keyboard.type('typed');
    await tabTo('#node-input-listenPort');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('2345');
    await tabTo('.redlink-peers .red-ui-editableList-addButton');
    await page.keyboard.press('Enter');
    await tabTo('.redlink-peer-ip');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('10.0.0.2');
    await tabTo('.redlink-peer-redistribute');
    await page.keyboard.press('Space');
    await tabTo('[data-section="storage"] > .redlink-section-header');
    assert.equal(await editor.field('persistence').isVisible(), false);
    await page.keyboard.press('Enter');
    await tabTo('#node-input-persistence');
    await page.keyboard.type('In memory');
    await tabTo('[data-section="outputs"] > .redlink-section-header');
    await page.keyboard.press('Space');
    await tabTo('#node-input-showDebug');
    await page.keyboard.press('Space');
    await page.keyboard.press('ControlOrMeta+Enter');
    await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });

    const { name, listenPort, headers, persistence, showDebug } = await editor.node(id);
    assert.deepEqual(
      { name, listenPort, headers, persistence, showDebug },
      {
        name: 'typed',
        listenPort: '2345',
        headers: [{ ip: '10.0.0.2', port: '2000', redistribute: 'true' }],
        persistence: 'memory',
        showDebug: true,
      },
    );
  });

  it('offer the stores and services in a menu that the arrow keys go through', async () => {
    const editor = session();
    const { page } = editor;
    const id = await editor.drag('redlink producer', 400, 200);
    await page.keyboard.press('Enter');
    await page.locator('#node-dialog-ok').waitFor();
    await editor.trayAtRest();
    assert.deepEqual(await editor.shown(['producerStoreName']), { producerStoreName: 'mesh0:typed' });
    await tabTo('#redlink-producer-choose');
    await page.keyboard.press('Enter');
    await page.locator('.red-ui-menu:visible li').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ControlOrMeta+Enter');
    await page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
    assert.equal((await editor.node(id))['producerConsumer'], 'msg.topic');
    assert.deepEqual(editor.problems, []);
  });

  it('have a name for every field and button, as screen readers read it', async () => {
    const editor = session();
    for (const { id, type } of await editor.nodes()) {
      await editor.openForm(id);
      await editor.unfoldAll();
      const nameless: unknown = await editor.page.evaluate(`
        [...document.querySelectorAll('.redlink-form input, .redlink-form select, .redlink-form textarea, .redlink-form button')]
          .filter((field) => field.type !== 'hidden' && field.offsetParent !== null)
          .filter((field) => !(field.labels && field.labels.length && field.labels[0].textContent.trim()))
          .filter((field) => !field.getAttribute('aria-label') && !field.textContent.trim())
          .filter((field) => !field.closest('.red-ui-editableList-item-remove') && !/tls/.test(field.id))
          .map((field) => field.outerHTML.slice(0, 120))`);
      assert.deepEqual(nameless, [], type);
      await editor.cancel();
    }
  });
});
