import assert from 'node:assert/strict';
import type { FieldValue } from './editor.js';
import { openEditor } from './session.js';

/** What stands in a flow beside the nodes whose forms are tried. */
const FLOW = [
  { id: 'tab', type: 'tab', label: 'warnings' },
  {
    id: 'other',
    type: 'redlink store',
    z: 'tab',
    name: 'taken',
    meshName: 'mesh0',
    listenPort: '2999',
    x: 150,
    y: 60,
  },
  {
    id: 'store',
    type: 'redlink store',
    z: 'tab',
    name: 'own',
    meshName: 'mesh0',
    listenPort: '2998',
    x: 150,
    y: 120,
  },
  {
    id: 'producer',
    type: 'redlink producer',
    z: 'tab',
    name: 'asks',
    producerStoreName: 'mesh0:own',
    producerConsumer: 'work',
    x: 400,
    y: 60,
  },
  {
    id: 'consumer',
    type: 'redlink consumer',
    z: 'tab',
    name: 'work',
    consumerStoreName: 'mesh0:own',
    x: 400,
    y: 160,
  },
].map((node) => ({ security: 'mesh', headers: [], oldStore: true, outputs: 3, wires: [], ...node }));

/** What is entered into a field, and what the form then says below it; '' for nothing. */
type Entry = readonly [selector: string, value: string, says: RegExp | ''];

const ENTRIES: Record<string, readonly Entry[]> = {
  store: [
    ['#node-input-name', '', /needs a name/],
    ['#node-input-name', 'taken', /has this name/],
    ['#node-input-name', 'own', ''],
    ['#node-input-meshName', '', /name of its mesh/],
    ['#node-input-meshName', 'mesh0', ''],
    ['#node-input-listenAddress', 'https://a.example', /without https/],
    ['#node-input-listenAddress', 'a.example:2000', /field of its own/],
    ['#node-input-listenAddress', 'no host', /neither a host name nor an IP address/],
    ['#node-input-listenAddress', '${HOST}', /reach this store/],
    ['#node-input-listenPort', 'abc', /between 1 and 65535/],
    ['#node-input-listenPort', '70000', /between 1 and 65535/],
    ['#node-input-listenPort', '2999', /mesh0:taken uses this port/],
    ['#node-input-listenPort', '${PORT}', ''],
    ['#node-input-meshKey', '', /serves this Node-RED alone/],
    ['#node-input-meshKey', 'nonsense', /not a mesh key/],
    ['#node-input-meshKey', 'k'.repeat(43), /same key into every store/],
    ['#node-input-meshKeyOld', 'nonsense', /not a mesh key/],
    ['#node-input-meshKeyOld', '', ''],
    ['#redlink-store-allowedSources', 'nonsense', /nonsense is not a range/],
    ['#redlink-store-allowedSources', '8.8.8.0/24', /public addresses/],
    ['#redlink-store-allowedSources', '', /private networks/],
    ['#redlink-store-allowedSources', '10.0.0.0/8, fd00::/8', ''],
    ['#node-input-key', '', /is missing/],
    ['#node-input-key', 'nonsense', /not PEM/],
    ['#node-input-certificate', 'nonsense', /not PEM/],
    ['#node-input-certificate', '-----BEGIN CERTIFICATE-----', ''],
    ['#node-input-maxMessages', '0', /1 or more/],
    ['#node-input-maxMessages', '${LIMIT}', ''],
    ['#node-input-maxBytes', 'much', /whole number/],
    ['#node-input-maxBytes', '1000000', ''],
  ],
  producer: [
    ['#node-input-producerStoreName', '', /Choose the store/],
    ['#node-input-producerStoreName', 'mesh0:gone', /no store mesh0:gone/],
    ['#node-input-producerStoreName', 'mesh0:own', ''],
    ['#node-input-producerConsumer', '', /Without a service/],
    ['#node-input-producerConsumer', 'msg.topic', /names its service/],
    ['#node-input-producerConsumer', 'nobody', /Nobody offers this service yet/],
    ['#node-input-producerConsumer', 'work', ''],
    ['#node-input-producerConsumer', '${SERVICE}', ''],
    ['#node-input-producerETT', '0', /fails at once/],
    ['#node-input-producerETT', 'soon', /not a number/],
    ['#node-input-producerETT', '10', /only after 15 seconds, but fails after 10/],
    ['#node-input-producerETT', '-1', /as long as it takes/],
    ['#node-input-producerETT', '${ETT}', ''],
    ['#node-input-notifyInterval', '0', /over 0/],
    ['#node-input-priority', 'high', /not a number/],
    ['#node-input-maxDeliver', '0', /1 or more/],
    ['#node-input-rateSendReceive', '0', /over 0/],
    ['#node-input-rateSendReceive', '4', ''],
    ['#node-input-nbRateUnitsSendReceive', 'some', /over 0/],
    ['#node-input-nbRateUnitsSendReceive', '', ''],
  ],
  consumer: [
    ['#node-input-name', '', /needs a name/],
    ['#node-input-name', 'work', ''],
    ['#node-input-consumerStoreName', 'mesh0:gone', /no store mesh0:gone/],
    ['#node-input-intransit', '0', /paused/],
    ['#node-input-intransit', '1.5', /whole number/],
    ['#node-input-intransit', '${LIMIT}', ''],
    ['#node-input-reNotifyInterval', '0.01', /every 0.1 seconds/],
    ['#node-input-reNotifyInterval', 'x', /not a number/],
    ['#node-input-reNotifyInterval', '', ''],
    ['#node-input-rateReceiveSend', '-1', /over 0/],
    ['#node-input-rateReceiveSend', '', ''],
    ['#node-input-nbRateUnitsReceiveSend', '0', /over 0/],
    ['#node-input-nbRateUnitsReceiveSend', '2', ''],
  ],
};

/** What has to be chosen before a field can be seen. */
const CHOSEN_FIRST: Record<string, Record<string, FieldValue>> = {
  '#node-input-key': { isUserCertificate: true },
  '#node-input-certificate': { isUserCertificate: true },
  '#node-input-maxDeliver': { redeliver: true },
  '#node-input-rateSendReceive': { rateTypeSendReceive: 'rateLimit' },
  '#node-input-nbRateUnitsSendReceive': { rateTypeSendReceive: 'rateLimit' },
  '#node-input-rateReceiveSend': { rateTypeReceiveSend: 'rateLimit' },
  '#node-input-nbRateUnitsReceiveSend': { rateTypeReceiveSend: 'rateLimit' },
};

/** Forms whose widths differ by less look alike. */
const SAME_WIDTH_PX = 10;

describe('what a form says while it is filled in', function () {
  this.timeout(120_000);
  const session = openEditor({ flow: FLOW });

  for (const [id, entries] of Object.entries(ENTRIES)) {
    it(`of a ${id}: what is wrong, in words, and nothing where all is well`, async () => {
      const editor = session();
      await editor.openForm(id);
      for (const [selector, value, says] of entries) {
        const field = editor.page.locator(selector);
        await editor.unfold(field);
        await editor.fill(CHOSEN_FIRST[selector] ?? {});
        await field.fill(value);
        const said = await editor.notesBelow(field);
        if (says === '') assert.equal(said, '', `${selector} "${value}"`);
        else assert.match(said, says, `${selector} "${value}"`);
      }
      await editor.cancel();
      assert.deepEqual(editor.problems, []);
    });
  }

  it('of north peers: no host, the store itself, the same peer twice', async () => {
    const editor = session();
    await editor.openForm('store');
    const list = editor.page.locator('#redlink-store-north-peers');
    const add = editor.page.locator('.redlink-peers .red-ui-editableList-addButton');
    const says = async (words: RegExp): Promise<void> => {
      assert.match(await editor.notesBelow(list), words);
    };
    await editor.fill({ listenAddress: 'here', listenPort: '2998' });
    await add.click();
    await list.locator('.redlink-peer-ip').fill('');
    await says(/needs a host name/);
    await list.locator('.redlink-peer-ip').fill('here');
    await list.locator('.redlink-peer-port').fill('2998');
    await says(/this store itself/);
    await list.locator('.redlink-peer-port').fill('none');
    await says(/between 1 and 65535/);
    await list.locator('.redlink-peer-port').fill('2000');
    assert.equal(await editor.notesBelow(list), '');
    await add.click();
    await list.locator('.redlink-peer-ip').nth(1).fill('here');
    await says(/the same store/);
    await editor.cancel();
  });

  it('of a test of a north peer without a mesh key, and with one that is none', async () => {
    const editor = session();
    await editor.openForm('store');
    await editor.page.locator('.redlink-peers .red-ui-editableList-addButton').click();
    const found = editor.page.locator('.redlink-peer-found');
    const testSays = async (words: string): Promise<void> => {
      await editor.page.locator('.redlink-peer-test').click();
      await found.filter({ hasText: words }).waitFor();
    };
    await testSays('This store has no mesh key yet. Make one');
    await editor.unfold(editor.field('meshKey'));
    await editor.fill({ meshKey: 'nonsense' });
    await testSays('This is not a mesh key.');
    await editor.cancel();
    assert.deepEqual(editor.problems, []);
  });

  it('without growing wider by it: the forms of all three nodes are equally wide', async () => {
    const editor = session();
    const widths: number[] = [];
    for (const id of ['store', 'producer', 'consumer']) {
      await editor.openForm(id);
      await editor.unfoldAll();
      widths.push((await editor.page.locator('.red-ui-tray').boundingBox())?.width ?? NaN);
      await editor.cancel();
    }
    assert.ok(Math.max(...widths) - Math.min(...widths) < SAME_WIDTH_PX, widths.join());
  });

  it('marks a folded group that has a warning in it, and opens it the next time', async () => {
    const editor = session();
    const limits = editor.page.locator('[data-section="storage"]');
    await editor.openForm('store');
    await editor.fill({ maxMessages: 'nonsense' });
    await limits.locator('.redlink-section-header').click();
    assert.equal(await limits.locator('.redlink-section-mark').isVisible(), true);
    await editor.done();
    assert.match((await editor.node('store')).validationErrors?.join() ?? '', /whole number, 1 or more/);
    await editor.openForm('store');
    assert.equal(await editor.field('maxMessages').isVisible(), true);
    await editor.fill({ maxMessages: '100' });
    await editor.done();
    assert.equal((await editor.node('store')).valid, true);
  });

  it('leads from a producer to the form of its store', async () => {
    const editor = session();
    await editor.openForm('producer');
    await editor.page.locator('.redlink-open-store').click();
    await editor.field('listenPort').waitFor();
    assert.deepEqual(await editor.shown(['name', 'meshName']), { name: 'own', meshName: 'mesh0' });
    await editor.cancel();
  });

  it('says who still uses the name of a service or a store that changes, and changes it there, too', async () => {
    const editor = session();
    const notice = editor.page.locator('.red-ui-notification', { hasText: 'asks' });
    await editor.openForm('consumer');
    await editor.fill({ name: 'labour' });
    await editor.done();
    await notice.getByRole('button', { name: 'Change them, too' }).click();
    assert.equal((await editor.node('producer'))['producerConsumer'], 'labour');

    await editor.openForm('store');
    await editor.fill({ name: 'renamed' });
    await editor.done();
    await notice.getByRole('button', { name: 'Change them, too' }).click();
    assert.equal((await editor.node('producer'))['producerStoreName'], 'mesh0:renamed');
    assert.equal((await editor.node('consumer'))['consumerStoreName'], 'mesh0:renamed');

    await editor.page.evaluate('RED.history.pop(); RED.view.redraw()');
    assert.equal(
      (await editor.node('consumer'))['consumerStoreName'],
      'mesh0:own',
      'one undo takes all back',
    );
  });

  it('says who is left without a store where one is deleted', async () => {
    const editor = session();
    await editor.page.evaluate('RED.history.pop(); RED.view.redraw()');
    await editor.openForm('store');
    await editor.page.locator('#node-dialog-delete').click();
    const notice = editor.page.locator('.red-ui-notification', { hasText: 'still attached to it' });
    await notice.waitFor();
    assert.match(await notice.innerText(), /asks/);
    assert.deepEqual(editor.problems, []);
  });
});
