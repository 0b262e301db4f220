import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** What the last column names: a folder of `test/` and a name; a name alone lies in the folder before. */
function namedTests(section: string): string[] {
  const cells = section.split('\n').map((line) => line.split('|').at(-2) ?? '');
  let folder = '';
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => {
      if (name.endsWith('/')) return name;
      if (name.includes('/')) folder = name.replace(/\/[^/]*$/, '');
      return `${name.includes('/') ? name : `${folder}/${name}`}.test.ts`;
    }),
  );
}

describe('the table of tests in docs/SECURITY.md', () => {
  const text = readFileSync(join(root, 'docs', 'SECURITY.md'), 'utf8');
  const table = /## Which test holds what\n([^]*?)\n## /.exec(text)?.[1] ?? '';

  it('names tests that are there', () => {
    const named = namedTests(table);
    assert.ok(named.length > 40, `${named.length} tests are named`);
    assert.deepEqual(
      named.filter((path) => !existsSync(join(root, 'test', path))),
      [],
    );
  });
});
