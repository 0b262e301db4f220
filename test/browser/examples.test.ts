import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { openEditor } from './session.js';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

/** For each example: the button to press, and what the debug sidebar then shows. */
const PRESS_AND_SEE: Record<string, { press: string; see: string[] }> = {
  '1 - Hello in one store.json': { press: 'Ada', see: ['Hello, Ada!'] },
  '2 - Two stores.json': { press: 'A question', see: ['The answer is 42.'] },
  '3 - Work queue with several consumers.json': {
    press: '12 jobs',
    see: ['done by Ann', 'done by Bob', 'done by Cleo'],
  },
};

const flow = z.array(z.looseObject({ id: z.string(), type: z.string(), name: z.string().optional() }));

describe('the examples', function () {
  this.timeout(120_000);
  const session = openEditor();

  it('are all known to this test', () => {
    const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'));
    assert.deepEqual(files.sort(), Object.keys(PRESS_AND_SEE));
  });

  for (const [file, { press, see }] of Object.entries(PRESS_AND_SEE)) {
    it(`${file}: is imported and deployed as it is, and does what it says at the press of a button`, async () => {
      const editor = session();
      const nodes = flow.parse(JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')));
      await editor.import(nodes);
      for (const { id, type } of nodes) {
        if (type !== 'tab') assert.equal((await editor.node(id)).valid, true, `${type} ${id}`);
      }
      await editor.deploy();
      const button = nodes.find((node) => node.type === 'inject' && node.name === press);
      assert.ok(button, `no inject node ${press}`);
      await editor.showFlow(nodes.find((node) => node.type === 'tab')?.id ?? '');
      await editor.press(button.id);
      for (const text of see) await editor.sees(text);
      assert.deepEqual(editor.problems, []);
    });
  }
});
