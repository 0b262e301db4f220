/**
 * `npm run screenshots`: makes the pictures of `docs/images` from the running editor, so that they stay true.
 * Needs Chromium, as the browser tests do.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Editor } from '../test/browser/editor.js';
import { darkTheme, startNodeRed, type NodeRedOptions } from '../test/browser/node-red.js';

const IMAGES = join(import.meta.dirname, '..', 'docs', 'images');

/** Small enough for a page of text, large enough to be read. */
const WINDOW = { width: 1280, height: 840 };

/** The flow of the five-minute start, with fixed ids and ports: the same picture each time. */
const TAB = 'five-minutes';
const at = (id: string, type: string, x: number, y: number): Record<string, unknown> => ({
  id,
  type,
  z: TAB,
  x,
  y,
});
const FLOW: Record<string, unknown>[] = [
  { id: TAB, type: 'tab', label: 'Five minutes' },
  {
    ...at('store', 'redlink store', 150, 80),
    name: 'kitchen',
    meshName: 'mesh0',
    listenAddress: '127.0.0.1',
    listenPort: '2000',
    headers: [],
    southInsert: true,
    security: 'mesh',
    persistence: 'crash-safe',
    oldStore: true,
    outputs: 1,
    wires: [[]],
  },
  {
    ...at('ask', 'inject', 140, 180),
    name: 'ask',
    props: [{ p: 'payload' }],
    payload: 'How warm is it?',
    payloadType: 'str',
    repeat: '',
    once: false,
    wires: [['producer']],
  },
  {
    ...at('producer', 'redlink producer', 330, 180),
    name: 'ask',
    producerStoreName: 'mesh0:kitchen',
    producerConsumer: 'thermometer',
    producerETT: '300',
    notifyInterval: '15',
    priority: '0',
    redeliver: true,
    maxDeliver: '5',
    enforceReversePath: true,
    rateTypeSendReceive: 'none',
    outputs: 3,
    wires: [['answer'], [], ['failed']],
  },
  {
    ...at('answer', 'debug', 540, 160),
    name: 'answer',
    active: true,
    tosidebar: true,
    complete: 'payload',
    targetType: 'msg',
    wires: [],
  },
  {
    ...at('failed', 'debug', 540, 220),
    name: 'failure',
    active: true,
    tosidebar: true,
    complete: 'true',
    targetType: 'full',
    wires: [],
  },
  {
    ...at('consumer', 'redlink consumer', 190, 300),
    name: 'thermometer',
    consumerStoreName: 'mesh0:kitchen',
    intransit: '1',
    reNotifyInterval: '1',
    rateTypeReceiveSend: 'none',
    outputs: 3,
    wires: [['reply'], [], []],
  },
  {
    ...at('reply', 'change', 420, 300),
    name: 'set msg.payload',
    rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '21 °C', tot: 'str' }],
    wires: [['consumer']],
  },
];

/** Opens the flow in an editor of its own, and takes pictures. */
async function take(options: NodeRedOptions, pictures: (editor: Editor) => Promise<void>): Promise<void> {
  const nodeRed = await startNodeRed({ ...options, flow: FLOW });
  const editor = await Editor.open(nodeRed.url);
  try {
    await editor.page.setViewportSize(WINDOW);
    await pictures(editor);
  } finally {
    await editor.close();
    await nodeRed.stop();
  }
}

/** Gives the store a mesh key, as a user does. */
async function makeKey(editor: Editor): Promise<void> {
  await editor.openForm('store');
  await editor.page.locator('#redlink-store-make-key').click();
  await editor.page.waitForFunction('$("#node-input-meshKey").val() !== ""');
  await editor.done();
  await editor.deploy();
  await noticesGone(editor);
}

/** Waits until no notice covers anything. */
async function noticesGone({ page }: Editor): Promise<void> {
  await page.waitForFunction('$(".red-ui-notification:visible").length === 0');
}

/** A picture of a form, at rest. */
async function formOf(editor: Editor, id: string, name: string): Promise<void> {
  await editor.openForm(id);
  if (id === 'store') await addNorthPeer(editor);
  // No cursor blinks in a picture.
  await editor.page.evaluate('document.activeElement && document.activeElement.blur()');
  const path = join(IMAGES, `${name}.png`);
  await editor.page.locator('.red-ui-tray').screenshot({ path, animations: 'disabled' });
  await editor.cancel();
}

async function addNorthPeer({ page }: Editor): Promise<void> {
  await page.locator('.redlink-peers .red-ui-editableList-addButton').click();
  await page.locator('.redlink-peer-ip').fill('192.168.1.20');
  await page.evaluate('$(".red-ui-tray-body").scrollTop(0)');
}

/** Presses the inject node, and waits until all is at rest again. */
async function ask(editor: Editor): Promise<void> {
  await editor.press('ask');
  await editor.sees('21 °C');
  await noticesGone(editor);
  await editor.page.locator('.red-ui-flow-node-status-label', { hasText: 'M:0 N:0 R:0' }).waitFor();
}

mkdirSync(IMAGES, { recursive: true });
await take({}, async (editor) => {
  // Without a key, as whoever follows the README has it at this moment.
  await ask(editor);
  await editor.page.addStyleTag({ content: '.red-ui-debug-msg-date { display: none; }' });
  await editor.page.evaluate('$("#red-ui-workspace-chart").scrollTop(0).scrollLeft(0)');
  await editor.page.screenshot({ path: join(IMAGES, 'five-minutes.png'), animations: 'disabled' });
  await makeKey(editor);
  await formOf(editor, 'store', 'store-form');
  await formOf(editor, 'producer', 'producer-form');
  await formOf(editor, 'consumer', 'consumer-form');
});
await take({ settings: darkTheme.settings }, async (editor) => {
  await editor.withSettings(darkTheme.browserSettings);
  await formOf(editor, 'store', 'store-form-dark');
});
console.log(`The pictures are in ${IMAGES}.`);
