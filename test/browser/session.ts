import { Editor } from './editor.js';
import { startNodeRed, type NodeRed, type NodeRedOptions } from './node-red.js';

/** Starting Node-RED and Chromium, on a machine that is busy with other tests. */
const START_TIMEOUT_MS = 90_000;

/**
 * Gives the tests of the surrounding `describe` one Node-RED with its editor open, and closes both after them.
 * @param options what Node-RED starts with
 * @returns a function that gives the editor; not before the tests run
 */
export function openEditor(options: NodeRedOptions = {}): () => Editor {
  let nodeRed: NodeRed | undefined;
  let editor: Editor | undefined;

  before(async function () {
    this.timeout(START_TIMEOUT_MS);
    nodeRed = await startNodeRed(options);
    editor = await Editor.open(nodeRed.url);
  });

  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.error(nodeRed?.output());
  });

  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });

  return () => {
    if (!editor) throw new Error('the editor is not open yet');
    return editor;
  };
}
