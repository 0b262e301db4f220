import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { FieldValue } from './editor.js';
import { openEditor } from './session.js';

/** Edges that differ by less are one to the eye: borders and rounded sizes. */
const SAME_EDGE_PX = 3;

/** For each node: what is entered into its form; the names are those of the flow file. */
const ENTERED: Record<string, Record<string, FieldValue>> = {
  'redlink store': {
    name: 'forms',
    meshName: 'mesh7',
    listenAddress: '127.0.0.1',
    listenPort: '2007',
    security: 'mesh',
    southInsert: false,
    interStoreLB: true,
    showRegistration: true,
    showDebug: true,
    persistence: 'memory',
    maxMessages: '1000',
    maxBytes: '1000000',
    allowPublic: true,
    isUserCertificate: true,
  },
  'redlink producer': {
    name: 'asks',
    producerStoreName: 'mesh7:forms',
    producerConsumer: 'a service that nobody offers yet',
    producerETT: '-1',
    notifyInterval: '20',
    priority: '3',
    redeliver: true,
    maxDeliver: '2',
    enforceReversePath: false,
    manualRead: false,
    rateTypeSendReceive: 'rateLimit',
    rateSendReceive: '4',
    nbRateUnitsSendReceive: '2',
    rateUnitsSendReceive: 'minute',
    showDebug: true,
  },
  'redlink consumer': {
    name: 'answers',
    consumerStoreName: 'mesh7:forms',
    intransit: '5',
    reNotifyInterval: '',
    manualReadReceiveSend: false,
    rateTypeReceiveSend: 'rateLimit',
    rateReceiveSend: '',
    nbRateUnitsReceiveSend: '',
    rateUnitsReceiveSend: 'hour',
    showDebugReceiveSend: true,
  },
};

/** What a freshly dragged node is given, as NODES.md has it. */
const DEFAULTS: Record<string, Record<string, unknown>> = {
  'redlink store': { security: 'mesh', persistence: 'crash-safe', listenPort: 2000, meshName: 'mesh0' },
  'redlink producer': { redeliver: true, maxDeliver: 5, producerETT: 300, notifyInterval: 15, outputs: 3 },
  'redlink consumer': { intransit: 1, reNotifyInterval: 1, rateTypeReceiveSend: 'none', outputs: 3 },
};

function pick(node: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, node[name]]));
}

describe('the forms', function () {
  this.timeout(90_000);
  const session = openEditor({
    settings: { northPeers: [{ address: 'north.example', port: 2009, redistribute: true }] },
  });
  const ids: Record<string, string> = {};

  for (const [type, entered] of Object.entries(ENTERED)) {
    it(`of ${type} keep every property that is entered`, async () => {
      const editor = session();
      const names = Object.keys(entered);
      const id = await editor.drag(type, 200, 100 + 120 * Object.keys(ids).length);
      ids[type] = id;
      assert.deepEqual(
        pick(await editor.node(id), Object.keys(DEFAULTS[type] ?? {})),
        DEFAULTS[type],
        'what a new node is given',
      );

      await editor.openForm(id);
      await editor.fill(entered);
      await editor.done();
      assert.deepEqual(pick(await editor.node(id), names), entered, 'what a flow file would hold');
      assert.equal((await editor.node(id)).valid, true);

      await editor.openForm(id);
      assert.deepEqual(await editor.shown(names), entered, 'what the form shows when it is opened again');
      await editor.cancel();
    });
  }

  it('offer the north peers of the settings to a new store, and to it alone', async () => {
    const editor = session();
    const store = ids['redlink store'] ?? '';
    const peer = { ip: 'north.example', port: '2009', redistribute: 'true' };
    assert.deepEqual((await editor.node(store))['headers'], [peer]);

    await editor.openForm(store);
    const list = editor.page.locator('.red-ui-editableList', {
      has: editor.page.locator('#redlink-store-north-peers'),
    });
    await editor.unfold(list);
    await list.locator('.red-ui-editableList-addButton').click();
    await editor.done();
    const added = { ip: 'localhost', port: '2000', redistribute: 'false' };
    assert.deepEqual((await editor.node(store))['headers'], [peer, added]);
  });

  it('keep lists of sources and services as lists', async () => {
    const editor = session();
    const store = ids['redlink store'] ?? '';
    const lists = {
      allowedSources: ['127.0.0.0/8', '::1/128'],
      servicesOffer: ['a', '服务'],
      servicesProduce: ['b'],
      servicesCarry: [],
    };
    await editor.openForm(store);
    for (const [name, values] of Object.entries(lists)) {
      const field = editor.page.locator(`#redlink-store-${name}`);
      await editor.unfold(field);
      await field.fill(values.join(', '));
    }
    await editor.done();
    assert.deepEqual(pick(await editor.node(store), Object.keys(lists)), lists);
  });

  it('keep secrets of a store out of its flow', async () => {
    const editor = session();
    const store = ids['redlink store'] ?? '';
    const secrets = {
      meshKey: 'k1',
      meshKeyOld: 'k0',
      key: 'a private key\nof two lines',
      certificate: 'a certificate',
    };
    await editor.openForm(store);
    await editor.fill(secrets);
    await editor.done();
    assert.deepEqual(pick(await editor.node(store), Object.keys(secrets)), {
      meshKey: undefined,
      meshKeyOld: undefined,
      key: undefined,
      certificate: undefined,
    });
    await editor.deploy();

    await editor.openForm(store);
    const stored = '__PWRD__';
    assert.deepEqual(await editor.shown(Object.keys(secrets)), {
      meshKey: stored,
      meshKeyOld: stored,
      key: stored,
      certificate: stored,
    });
    await editor.done();
    assert.equal((await editor.node(store)).changed, false, 'closing the form again changes nothing');
  });

  it('offer msg.topic first as destination, then the services of the store', async () => {
    const editor = session();
    await editor.openForm(ids['redlink producer'] ?? '');
    await editor.page.locator('#redlink-producer-choose').click();
    const entries = editor.page.locator('.red-ui-menu:visible li');
    await entries.nth(1).waitFor();
    const offered = await entries.allInnerTexts();
    assert.equal(offered[0]?.trim(), 'msg.topic');
    assert.ok(
      offered.some((text) => text.trim() === 'answers'),
      offered.join(),
    );
    const right = async (what: Locator): Promise<number> => {
      const { x = NaN, width = NaN } = (await what.boundingBox()) ?? {};
      return x + width;
    };
    const field = editor.page.locator('.redlink-combo', { has: editor.field('producerConsumer') });
    const apart = Math.abs((await right(editor.page.locator('.red-ui-menu:visible'))) - (await right(field)));
    assert.ok(apart < SAME_EDGE_PX, `the menu ends ${apart} px beside its field`);
    await entries.nth(0).click();
    assert.deepEqual(await editor.shown(['producerConsumer']), { producerConsumer: 'msg.topic' });
    await editor.done();
  });

  it('show the fields of a rate limit only where one is chosen', async () => {
    const editor = session();
    await editor.openForm(ids['redlink consumer'] ?? '');
    const summary = editor.page.locator('[data-section="reading"] .redlink-section-summary');
    assert.equal(await editor.field('rateReceiveSend').isVisible(), true);
    assert.equal(await summary.textContent(), 'Read rate: limited');
    await editor.fill({ rateTypeReceiveSend: 'none' });
    assert.equal(await editor.field('rateReceiveSend').isVisible(), false);
    assert.equal(await summary.textContent(), 'Read rate: no limit');
    await editor.cancel();
  });

  it('hide the rate limit of what is read by hand, and keep both', async () => {
    const editor = session();
    for (const [type, byHand, rate] of [
      ['redlink producer', 'manualRead', 'rateTypeSendReceive'],
      ['redlink consumer', 'manualReadReceiveSend', 'rateTypeReceiveSend'],
    ] as const) {
      const id = ids[type] ?? '';
      await editor.openForm(id);
      await editor.fill({ [byHand]: true });
      assert.equal(await editor.field(rate).isVisible(), false);
      await editor.done();
      assert.deepEqual(pick(await editor.node(id), [byHand, rate]), { [byHand]: true, [rate]: 'rateLimit' });
    }
  });

  it('let a store use a TLS configuration', async () => {
    const editor = session();
    const store = ids['redlink store'] ?? '';
    await editor.import([{ id: 'organisation', type: 'tls-config', name: 'Organisation' }]);
    await editor.openForm(store);
    await editor.fill({ tls: 'organisation' });
    await editor.done();
    assert.equal((await editor.node(store))['tls'], 'organisation');
  });

  it('keep a wire at the output of its name when outputs come and go', async () => {
    const editor = session();
    const producer = ids['redlink producer'] ?? '';
    const debug = await editor.drag('debug', 700, 250);
    await editor.wire(producer, 2, debug);
    assert.deepEqual(await editor.outputLabels(producer), ['Receive', 'Notify', 'Failure', 'Debug']);

    await editor.openForm(producer);
    await editor.fill({ sendOnly: true });
    await editor.done();
    assert.deepEqual(await editor.outputLabels(producer), ['Failure', 'Debug']);
    assert.deepEqual((await editor.node(producer))['wires'], [[debug], []]);

    await editor.openForm(producer);
    await editor.fill({ sendOnly: false, showDebug: false });
    await editor.done();
    assert.deepEqual((await editor.node(producer))['wires'], [[], [], [debug]]);
    assert.deepEqual(await editor.outputLabels(ids['redlink store'] ?? ''), ['Command', 'Notify', 'Debug']);
  });

  it('show everything again after a deploy and a reload of the editor', async () => {
    const editor = session();
    const kept = async (): Promise<Record<string, unknown>[]> =>
      (await editor.nodes())
        .filter(({ type }) => type in ENTERED)
        .map((node) => ({ ...node, changed: undefined }));
    const before = await kept();
    await editor.deploy();
    await editor.page.reload();
    await editor.ready();
    assert.deepEqual(await kept(), before);
    const consumer = ids['redlink consumer'] ?? '';
    await editor.openForm(consumer);
    const { name, intransit } = ENTERED['redlink consumer'] ?? {};
    assert.deepEqual(await editor.shown(['name', 'intransit']), { name, intransit });
    await editor.cancel();
  });

  it('label the nodes with their store, the store with its mesh', async () => {
    const editor = session();
    const labels = Object.values(ids).map((id) => editor.label(id));
    assert.deepEqual(await Promise.all(labels), ['forms(mesh7)', 'asks(forms)', 'answers(forms)']);
    assert.deepEqual(editor.problems, []);
  });
});
