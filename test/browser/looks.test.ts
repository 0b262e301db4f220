import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { darkTheme } from './node-red.js';
import { openEditor } from './session.js';

const LOCALES = join(import.meta.dirname, '..', '..', 'locales');
const NODES = ['redlink-store', 'redlink-producer', 'redlink-consumer'];

/** What texts must stand out from what is behind them (WCAG, level AA). */
const LEAST_CONTRAST = 4.5;

/** Contrast of each visible text of a form with the nearest background behind it. Lower ones are given back. */
const FAINT_TEXTS = `(() => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll('.redlink-form label, .redlink-note span, .redlink-section-header > span, .redlink-form input[type=text]')];
  return texts
    .filter((element) => element.offsetParent !== null && (element.textContent.trim() || element.value))
    .map((element) => {
      const [a, b] = [luminance(rgb(getComputedStyle(element).color)), luminance(behind(element))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return { text: (element.textContent.trim() || element.value).slice(0, 40), contrast };
    })
    .filter(({ contrast }) => contrast < LEAST);
})()`.replace('LEAST', String(LEAST_CONTRAST));

describe('the editor in a dark theme', function () {
  this.timeout(90_000);
  const session = openEditor({ settings: darkTheme.settings });

  it('shows every text of the forms with enough contrast', async () => {
    const editor = session();
    await editor.withSettings(darkTheme.browserSettings);
    const background: unknown = await editor.page.evaluate(
      `getComputedStyle(document.querySelector('#red-ui-palette')).backgroundColor`,
    );
    const [red = 255] = (/\d+/.exec(String(background)) ?? []).map(Number);
    assert.ok(red < 64, `the theme is dark: ${String(background)}`);
    for (const [index, type] of NODES.entries()) {
      const id = await editor.drag(type.replace('-', ' '), 200, 100 + 100 * index);
      await editor.openForm(id);
      await editor.unfoldAll();
      assert.deepEqual(await editor.page.evaluate(FAINT_TEXTS), [], type);
      await editor.cancel();
    }
    assert.deepEqual(editor.problems, []);
  });
});

describe('the editor in another language', function () {
  this.timeout(180_000);
  const session = openEditor();

  for (const language of readdirSync(LOCALES).sort()) {
    it(`${language}: forms, outputs and help are in it`, async () => {
      const editor = session();
      await editor.withSettings({ 'editor-language': language });
      const id = await editor.drag('redlink producer', 300, 100);
      const file: unknown = JSON.parse(
        readFileSync(join(LOCALES, language, 'redlink-producer.json'), 'utf8'),
      );
      const texts = z
        .object({
          'redlink-producer': z.object({
            label: z.record(z.string(), z.string()),
            output: z.record(z.string(), z.string()),
            warning: z.record(z.string(), z.string()),
          }),
        })
        .parse(file)['redlink-producer'];
      assert.deepEqual(
        await editor.outputLabels(id),
        ['receive', 'notify', 'failure'].map((name) => texts.output[name]),
      );
      await editor.openForm(id);
      const label = editor.page.locator('label[for="node-input-producerConsumer"]');
      assert.equal((await label.innerText()).trim(), texts.label['destination']);
      assert.equal(await editor.notesBelow(editor.field('producerConsumer')), texts.warning['destination']);
      await editor.cancel();
      const help = readFileSync(join(LOCALES, language, 'redlink-producer.html'), 'utf8');
      const first = /<p>\s*([^<]*?)\s*<\/p>/.exec(help)?.[1]?.replaceAll(/\s+/g, ' ');
      const shown: unknown = await editor.page.evaluate(`RED.nodes.getNodeHelp("redlink producer")`);
      assert.ok(first !== undefined && String(shown).replaceAll(/\s+/g, ' ').includes(first), language);
      assert.deepEqual(editor.problems, []);
    });
  }
});
