import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '../../src/support/errors.js';

const ROOT = join(import.meta.dirname, '..', '..');
const LOCALES = join(ROOT, 'locales');
const NODES = ['redlink-store', 'redlink-producer', 'redlink-consumer'];

/** The language that the texts are written in first; every other one has the same keys. */
const SOURCE = 'en-US';
const languages = readdirSync(LOCALES).sort();

/** Texts of a catalogue by their whole key, `redlink-store.label.name`. */
type Texts = ReadonlyMap<string, unknown>;

function flatten(value: unknown, key = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[key, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    flatten(inner, key === '' ? name : `${key}.${name}`),
  );
}

function catalogue(language: string, node: string): Texts {
  const file: unknown = JSON.parse(readFileSync(join(LOCALES, language, `${node}.json`), 'utf8'));
  return new Map(flatten(file));
}

/** All keys of the source language. */
const keys = new Set(NODES.flatMap((node) => [...catalogue(SOURCE, node).keys()]));

/** The values that a text names as `__value__`, in order of the alphabet. */
const valuesIn = (text: unknown): string[] => [...String(text).matchAll(/__(\w+?)__/g)].map(String).sort();

/** The files in which keys are written, each with the first part of the keys that it writes without. */
function sources(): { file: string; text: string; root: string }[] {
  const forms = readdirSync(join(ROOT, 'resources', 'editor')).map((name) =>
    join('resources', 'editor', name),
  );
  const html = NODES.map((node) => join('nodes', `${node}.html`));
  const runtime = NODES.map((node) => join('nodes', 'runtime', `${node.replace('redlink-', '')}-node.ts`));
  const status = join('nodes', 'runtime', 'store-status.ts');
  return [...forms, ...html, ...runtime, status].map((file) => {
    const node = NODES.find((name) =>
      file.includes(name.replace('redlink-', '') + (file.startsWith('resources') ? '-form' : '')),
    );
    return { file, text: readFileSync(join(ROOT, file), 'utf8'), root: node ?? 'redlink' };
  });
}

/** Keys that a file uses; one that ends with a dot is the beginning of a key put together at run time. */
function keysUsed({ text, root }: { text: string; root: string }): string[] {
  const sections = new Set(
    [...keys].filter((key) => key.startsWith(`${root}.`)).map((key) => key.split('.')[1]),
  );
  const literals = [...text.matchAll(/'([a-z]\w*\.[\w.-]*)'/g)].map(([, literal]) => literal ?? '');
  const written = literals
    .filter((literal) => sections.has(literal.split('.')[0]))
    .map((key) => `${root}.${key}`);
  const marked = [...text.matchAll(/(?:data-i18n="|;)(?:\[[\w-]+\])?([\w-]+(?:\.[\w-]+)+)/g)].map(
    ([, key]) => key ?? '',
  );
  return [...written, ...marked.filter((key) => key.startsWith('redlink'))];
}

/** How often each of these tags stands in a help text: its structure. */
function structure(help: string): Record<string, number> {
  const tags = ['h3', 'h4', 'dt', 'dd', 'li', 'p', 'svg', 'text', 'code'];
  return Object.fromEntries(
    tags.map((tag) => [tag, help.match(new RegExp(`<${tag}[\\s>]`, 'g'))?.length ?? 0]),
  );
}

const help = (language: string, node: string): string =>
  readFileSync(join(LOCALES, language, `${node}.html`), 'utf8');

/** What stands in `code` and is typed or read in every language alike. */
const codes = (text: string): string[] =>
  [...text.matchAll(/<code>([^<]*)<\/code>/g)].map(([, code]) => code ?? '').sort();

describe('the catalogues', () => {
  it('have a text for every key that the forms and nodes use', () => {
    for (const source of sources()) {
      for (const key of keysUsed(source)) {
        const known = key.endsWith('.') ? [...keys].some((one) => one.startsWith(key)) : keys.has(key);
        assert.ok(known, `${source.file} uses ${key}, which has no text`);
      }
    }
  });

  it('have no text that nothing uses', () => {
    const used = new Set(sources().flatMap(keysUsed));
    const beginnings = [...used].filter((key) => key.endsWith('.'));
    const unused = [...keys].filter(
      (key) => !used.has(key) && !beginnings.some((beginning) => key.startsWith(beginning)),
    );
    // Looked up by code at the edge of the nodes.
    const byCode = ['redlink.error.', 'redlink-store.status.reason.'];
    assert.deepEqual(
      unused.filter((key) => !byCode.some((beginning) => key.startsWith(beginning))),
      [],
    );
  });

  it('have a text for every error', () => {
    const known = [...keys].filter((key) => key.startsWith('redlink.error.'));
    assert.deepEqual(known.sort(), ERROR_CODES.map((code) => `redlink.error.${code}`).sort());
  });

  for (const language of languages) {
    for (const node of NODES) {
      it(`${language} of ${node} has all texts, none blank, with the same values in them`, () => {
        const source = catalogue(SOURCE, node);
        const texts = catalogue(language, node);
        assert.deepEqual([...texts.keys()].sort(), [...source.keys()].sort());
        for (const [key, text] of texts) {
          assert.ok(typeof text === 'string' && text.trim() !== '', `${key} is blank`);
          assert.deepEqual(valuesIn(text), valuesIn(source.get(key)), `${key}: values`);
        }
      });

      it(`${language} of ${node} has a help text with everything in it`, () => {
        const text = help(language, node);
        const source = help(SOURCE, node);
        assert.match(text, new RegExp(`data-help-name="${node.replace('-', ' ')}"`));
        assert.deepEqual(structure(text), structure(source));
        assert.deepEqual(codes(text), codes(source));
      });
    }
  }
});
