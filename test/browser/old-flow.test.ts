import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from '../support/free-port.js';
import { openEditor } from './session.js';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'wire');

const recording = z.object({
  flows: z.record(z.string(), z.array(z.looseObject({ id: z.string(), type: z.string() }))),
});
type OldNode = z.infer<typeof recording>['flows'][string][number];

/** Properties that 3.0.5 did not have, and what a node without them runs with (NODES.md, last table). */
const WHERE_MISSING: Record<string, Record<string, unknown>> = {
  'redlink store': { security: 'legacy', persistence: 'crash-safe', allowPublic: false },
  'redlink producer': { redeliver: false, maxDeliver: 5 },
  'redlink consumer': {},
};

/** Values that 3.0.5 saved as the user typed them: numbers as text, blanks, variables of the environment. */
const ODD_VALUES: Record<string, Record<string, unknown>> = {
  'redlink store': { interStoreLB: true, notifyInterval: '15', functions: '', oldStore: true },
  'redlink producer': {
    producerETT: '-1',
    priority: '${PRIORITY}',
    notifyInterval: '15',
    producerConsumer: '',
    rateSendReceive: '',
    ttl: '30',
  },
  'redlink consumer': {
    intransit: '0',
    reNotifyInterval: '',
    rateReceiveSend: '',
    nbRateUnitsReceiveSend: ' ',
  },
};

/** The nodes of every recording, each made unique, one below the other on one tab. */
function recordedNodes(): OldNode[] {
  const files = readdirSync(FIXTURES).filter((name) => /^(two-store-echo|manual-read)\.json$/.test(name));
  return files.flatMap((file, fileIndex) => {
    const { flows } = recording.parse(JSON.parse(readFileSync(join(FIXTURES, file), 'utf8')));
    return Object.values(flows)
      .flat()
      .map((node) => ({ ...node, id: `${node.id}${fileIndex}`, wires: [] }));
  });
}

/** One more node of each type, with the odd values. */
function oddNodes(nodes: readonly OldNode[]): OldNode[] {
  return Object.entries(ODD_VALUES).map(([type, values]) => {
    const model = nodes.find((node) => node.type === type);
    assert.ok(model, `no ${type} in the recordings`);
    return { ...model, ...values, id: `odd${model.id}` };
  });
}

function onOneTab(nodes: readonly OldNode[]): object[] {
  const tab = { id: 'oldflow', type: 'tab', label: 'made with 3.0.5' };
  return [tab, ...nodes.map((node, index) => ({ ...node, z: tab.id, x: 200, y: 60 + 60 * index }))];
}

describe('a flow made with 3.0.5, in the editor', function () {
  this.timeout(180_000);
  const recorded = recordedNodes();
  const nodes = [...recorded, ...oddNodes(recorded)];
  const session = openEditor({ flow: onOneTab(nodes) });

  it('loads without a mark that a node is changed or invalid', async () => {
    assert.ok(nodes.length > 8, 'the recordings have nodes');
    for (const { id } of nodes) {
      const node = await session().node(id);
      assert.equal(node.valid, true, `${id}: ${node.validationErrors?.join() ?? ''}`);
      assert.equal(node.changed ?? false, false, id);
    }
  });

  it('is as it was after its forms were opened and cancelled', async () => {
    const editor = session();
    for (const { id, type } of nodes) {
      const before = await editor.node(id);
      await editor.openForm(id);
      assert.equal(await editor.invalidFields(), 0, `${type} ${id} shows a field as invalid`);
      await editor.cancel();
      assert.deepEqual(await editor.node(id), before);
    }
  });

  it('is as it was after its forms were closed with Done, where nothing was entered', async () => {
    const editor = session();
    for (const { id, type } of nodes) {
      const before = await editor.node(id);
      await editor.openForm(id);
      await editor.done();
      assert.deepEqual(await editor.node(id), before, `${type} ${id}`);
    }
    assert.equal(await editor.isDirty(), false);
  });

  it('keeps what it had, and gains what an old node runs with, where something is entered', async () => {
    const editor = session();
    for (const [type, missing] of Object.entries(WHERE_MISSING)) {
      const id = nodes.find((node) => node.type === type)?.id ?? '';
      const before = await editor.node(id);
      await editor.openForm(id);
      for (const [property, value] of Object.entries(missing)) {
        const shown = await editor.shown([property]);
        assert.equal(shown[property], typeof value === 'boolean' ? value : String(value), property);
      }
      await editor.fill({ name: 'another name' });
      await editor.done();
      const after = await editor.node(id);
      assert.equal(after.changed, true, id);
      const kept = Object.entries(before).filter(
        ([name]) => !['name', 'x', 'changed', 'valid', 'validationErrors', 'oldStore'].includes(name),
      );
      for (const [name, value] of [...Object.entries(missing), ...kept]) {
        if (value !== undefined) assert.deepEqual(after[name], value, `${type} ${id}: ${name}`);
      }
    }
    assert.deepEqual(editor.problems, []);
  });
});

describe('a store whose private key lies in the flow', function () {
  this.timeout(90_000);
  const PEM = '-----BEGIN PRIVATE KEY-----\nnot a real key\n-----END PRIVATE KEY-----\n';
  const store = {
    ...recordedNodes().find((node) => node.type === 'redlink store'),
    id: 'keystore',
    isUserCertificate: true,
    userKey: PEM,
    userCertificate: 'a certificate',
  };
  const session = openEditor({ flow: onOneTab([{ ...store, type: 'redlink store' }]) });

  it('has it among its credentials once its form was closed, and no longer in the flow', async () => {
    const editor = session();
    await editor.openForm('keystore');
    await editor.fill({ listenPort: String(await freePort()) });
    await editor.done();
    const moved = await editor.node('keystore');
    assert.deepEqual([moved['userKey'], moved['userCertificate']], ['', '']);
    assert.equal(moved.changed, true);
    const exported = await editor.page.evaluate('RED.nodes.node("keystore").credentials');
    assert.deepEqual(z.object({ key: z.string(), certificate: z.string() }).parse(exported), {
      key: PEM,
      certificate: 'a certificate',
    });
    await editor.deploy();

    await editor.openForm('keystore');
    assert.deepEqual(await editor.shown(['key', 'certificate']), {
      key: '__PWRD__',
      certificate: '__PWRD__',
    });
    await editor.cancel();
  });
});
