import assert from 'node:assert/strict';
import { freePort } from '../support/free-port.js';
import { openEditor } from './session.js';

describe('a new user in the editor', function () {
  this.timeout(90_000);
  const session = openEditor();

  it('drags, fills, wires and deploys, presses inject, and sees the answer arrive', async () => {
    const editor = session();
    const store = await editor.drag('redlink store', 150, 60);
    const producer = await editor.drag('redlink producer', 400, 200);
    const consumer = await editor.drag('redlink consumer', 400, 400);
    // Passes on what it gets, back into the consumer: Node-RED draws no wire from a node to itself.
    const worker = await editor.drag('function', 650, 400);
    const inject = await editor.drag('inject', 150, 200);
    const debug = await editor.drag('debug', 700, 200);

    await editor.openForm(store);
    await editor.fill({ name: 'first', listenAddress: '127.0.0.1', listenPort: String(await freePort()) });
    await editor.done();
    await editor.openForm(consumer);
    await editor.fill({ name: 'echo', consumerStoreName: 'mesh0:first' });
    await editor.done();
    await editor.openForm(producer);
    await editor.fill({ producerStoreName: 'mesh0:first', producerConsumer: 'echo' });
    await editor.done();
    await editor.openForm(inject);
    await editor.choosePayload('hello from the editor');
    await editor.done();

    await editor.wire(inject, 0, producer);
    await editor.wire(producer, 0, debug);
    await editor.wire(consumer, 0, worker);
    await editor.wire(worker, 0, consumer);
    assert.deepEqual(
      (await editor.nodes()).filter((node) => node.valid === false),
      [],
    );
    await editor.deploy();
    await editor.press(inject);
    await editor.sees('hello from the editor');
    assert.deepEqual(editor.problems, []);
  });
});
