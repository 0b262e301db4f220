import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Locator } from 'playwright-core';
import { openEditor } from './session.js';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

/** No name, number or address, and trouble for whoever pastes it into a page, a statement or a path. */
const MARKUP = `<img src="x" class="pasted">'; DROP TABLE inMessages; -- ../..\\ 🦄`;
const NONSENSE = [MARKUP, '-1e999', ''];

/** Fields that take any text: names, and a password of the form that only other stores can judge. */
const TAKES_ANY_TEXT = [
  'node-input-name',
  'node-input-meshName',
  'redlink-store-servicesOffer',
  'redlink-store-servicesProduce',
  'redlink-store-servicesCarry',
];

/** Dozens of nodes start with a deploy, on a machine that is busy with other tests. */
const DEPLOY_TIMEOUT_MS = 60_000;

const exampleFlow = z.array(z.looseObject({ id: z.string(), type: z.string(), name: z.string().optional() }));

const SOUND = { store: 'store', producer: 'producer', consumer: 'consumer' };
const SPOILT = ['spoilt-store', 'spoilt-producer', 'spoilt-consumer'];

/** A service that has to work throughout, and nodes beside it to be spoilt. Without a key no store opens its port. */
const FLOW = [
  { id: 'tab', type: 'tab', label: 'Bad input' },
  { id: SOUND.store, type: 'redlink store', name: 'sound', listenPort: '2991', y: 60 },
  {
    id: 'ask',
    type: 'inject',
    props: [{ p: 'payload' }],
    payload: 'still here',
    payloadType: 'str',
    y: 120,
    x: 120,
    wires: [[SOUND.producer]],
  },
  {
    id: SOUND.producer,
    type: 'redlink producer',
    name: 'asks',
    producerStoreName: 'mesh0:sound',
    producerConsumer: 'sound',
    y: 120,
    wires: [['seen'], [], ['failed']],
  },
  {
    id: SOUND.consumer,
    type: 'redlink consumer',
    name: 'sound',
    consumerStoreName: 'mesh0:sound',
    y: 200,
    wires: [['echo'], [], []],
  },
  {
    id: 'echo',
    type: 'function',
    func: 'return msg;',
    outputs: 1,
    x: 550,
    y: 200,
    wires: [[SOUND.consumer]],
  },
  { id: 'seen', type: 'debug', active: true, tosidebar: true, complete: 'payload', x: 550, y: 60 },
  { id: 'failed', type: 'debug', active: true, tosidebar: true, complete: 'code', x: 550, y: 120 },
  { id: SPOILT[0], type: 'redlink store', name: 'spoilt', listenPort: '2992', y: 320 },
  { id: SPOILT[1], type: 'redlink producer', rateTypeSendReceive: 'rateLimit', redeliver: true, y: 380 },
  { id: SPOILT[2], type: 'redlink consumer', rateTypeReceiveSend: 'rateLimit', y: 440 },
].map((node) => ({
  ...(node.type === 'tab' ? {} : { z: 'tab', x: 320, wires: [] }),
  ...(node.type.startsWith('redlink') ? { outputs: node.type.endsWith('store') ? 1 : 3 } : {}),
  ...(node.type === 'redlink store'
    ? { meshName: 'mesh0', listenAddress: '127.0.0.1', headers: [], oldStore: true, security: 'mesh' }
    : {}),
  ...node,
}));

describe('bad input in the editor', function () {
  this.timeout(240_000);
  const session = openEditor({ flow: FLOW });

  /** Deploys although the editor asks whether that is meant. */
  async function deployAnyway(): Promise<void> {
    const { page } = session();
    await page.locator('#red-ui-header-button-deploy').click();
    const meant = page.locator('#red-ui-deploy-dialog-confirm-deploy-deploy');
    await page.waitForFunction(
      '!RED.nodes.dirty() || $("#red-ui-deploy-dialog-confirm-deploy-deploy").length > 0',
    );
    // The notice slides in and is gone once it is answered: it is not waited for until it rests.
    if ((await meant.count()) > 0) await meant.first().dispatchEvent('click');
    await page.waitForFunction('!RED.nodes.dirty()', undefined, { timeout: DEPLOY_TIMEOUT_MS });
    await meant.first().waitFor({ state: 'detached' });
  }

  async function askAndSee(words: string): Promise<void> {
    const editor = session();
    await editor.showFlow('tab');
    await editor.page.evaluate('RED.actions.invoke("core:clear-debug-messages")');
    await editor.press('ask');
    await editor.sees(words);
  }

  /** @returns the fields of the open form that a text can be entered into. */
  async function textFields(): Promise<Locator[]> {
    return session()
      .page.locator('.redlink-form :is(input[type=text], input[type=password], textarea):visible')
      .all();
  }

  async function spoil(id: string, nonsense: string): Promise<string[]> {
    const editor = session();
    await editor.openForm(id);
    await editor.unfoldAll();
    const silent: string[] = [];
    if (id === SPOILT[0]) {
      await editor.fill({ isUserCertificate: true });
      await editor.page.locator('.redlink-peers .red-ui-editableList-addButton').click();
    }
    for (const field of await textFields()) await field.fill(nonsense);
    for (const field of await textFields()) {
      const name = (await field.getAttribute('id')) ?? '';
      if (name !== '' && !TAKES_ANY_TEXT.includes(name) && (await editor.notesBelow(field)) === '') {
        silent.push(name);
      }
    }
    await editor.done();
    return silent;
  }

  for (const nonsense of NONSENSE) {
    it(`in every field at once, ${nonsense.slice(0, 12) || 'nothing'}: said, kept, deployed, and no harm to others`, async () => {
      const editor = session();
      for (const id of SPOILT) {
        const silent = await spoil(id, nonsense);
        if (nonsense === MARKUP) assert.deepEqual(silent, [], `${id}: fields that nothing is said about`);
      }
      assert.equal(await editor.page.locator('img.pasted').count(), 0, 'no text becomes part of the page');
      await deployAnyway();
      await askAndSee('still here');
      await editor.openForm(SPOILT[2] ?? '');
      assert.equal(await editor.field('intransit').inputValue(), nonsense);
      await editor.cancel();
      assert.deepEqual(editor.problems, []);
    });
  }

  it('a service that is renamed: its messages wait, and are answered when it is back', async () => {
    const editor = session();
    const rename = async (name: string): Promise<void> => {
      await editor.openForm(SOUND.consumer);
      await editor.fill({ name });
      await editor.done();
    };
    await rename('renamed');
    await editor.page.getByRole('button', { name: 'Leave them' }).click();
    await deployAnyway();
    await editor.page.evaluate('RED.actions.invoke("core:clear-debug-messages")');
    await editor.showFlow('tab');
    await editor.press('ask');
    await editor.page.locator('.red-ui-flow-node-status-label', { hasText: 'M:1 N:0 R:0' }).waitFor();
    await rename('sound');
    await deployAnyway();
    await editor.sees('still here');
    assert.deepEqual(editor.problems, []);
  });

  it('a store that is removed: its producer says so and fails at once, and all works again with the store', async () => {
    const editor = session();
    await editor.openForm(SOUND.store);
    await editor.page.locator('#node-dialog-delete').click();
    await editor.page.locator('.red-ui-notification', { hasText: 'still attached to it' }).waitFor();
    await deployAnyway();
    const status = editor.page.locator('.red-ui-flow-node-status-label', { hasText: 'mesh0:sound' });
    await status.first().waitFor();
    await askAndSee('NO_STORE');
    await editor.page.evaluate('RED.history.pop(); RED.view.redraw()');
    await deployAnyway();
    await status.first().waitFor({ state: 'detached' });
    await askAndSee('still here');
    assert.deepEqual(editor.problems, []);
  });

  it('every example imported twice and deployed, with all its names and ports taken: the first ones work', async () => {
    const editor = session();
    const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'));
    const flows = files.map((name) =>
      exampleFlow.parse(JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8'))),
    );
    for (const flow of flows) {
      await editor.import(flow);
      await editor.import(flow);
    }
    await deployAnyway();
    const hello = flows[files.indexOf('01 - Hello.json')] ?? [];
    await editor.showFlow(hello.find(({ type }) => type === 'tab')?.id ?? '');
    await editor.press(hello.find(({ type }) => type === 'inject')?.id ?? '');
    await editor.sees('Hello, ');
    await askAndSee('still here');
    assert.deepEqual(editor.problems, []);
  });
});
