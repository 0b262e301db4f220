import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { openEditor } from './session.js';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

/** For some examples: the button to press, and what the debug sidebar then shows. */
const PRESS_AND_SEE: Record<string, { press: string; see: string[] }> = {
  '01 - Hello.json': { press: 'Ada', see: ['Hello, Ada!'] },
  '10 - Transit.json': {
    press: 'from S1 to S2',
    see: ['parcel received at S2', 'transit:S1 → transit:S10 → transit:S2'],
  },
  '03 - Work queue with three consumers.json': {
    press: '12 jobs',
    see: ['done by Ann', 'done by Bob', 'done by Cleo'],
  },
};

const flow = z.array(z.looseObject({ id: z.string(), type: z.string(), name: z.string().optional() }));

const files = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.json'))
  .sort();
const read = (file: string): z.infer<typeof flow> =>
  flow.parse(JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')));

describe('the examples', function () {
  this.timeout(120_000);
  const session = openEditor();

  it('are all valid when imported, and import a second time as copies', async () => {
    const editor = session();
    for (const file of files) {
      const nodes = read(file);
      await editor.import(nodes);
      const before = (await editor.nodes()).length;
      const invalid = (await editor.nodes()).filter(({ valid }) => valid === false);
      assert.deepEqual(
        invalid.map(({ id, type, validationErrors }) => [file, type, id, validationErrors]),
        [],
      );
      await editor.import(nodes);
      assert.ok((await editor.nodes()).length > before, `${file} is imported again`);
    }
    // The copies have the names and ports of the first ones: the forms say so, and nothing breaks.
    const stores = (await editor.nodes()).filter(({ type }) => type === 'redlink store');
    await editor.openForm(stores.at(-1)?.id ?? '');
    assert.match(await editor.notesBelow(editor.field('name')), /has this name/);
    await editor.cancel();
    assert.deepEqual(editor.problems, []);
    await editor.page.reload();
    await editor.ready();
  });

  for (const [file, { press, see }] of Object.entries(PRESS_AND_SEE)) {
    it(`${file}: is imported and deployed as it is, and does what it says at the press of a button`, async () => {
      const editor = session();
      const nodes = read(file);
      await editor.import(nodes);
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
