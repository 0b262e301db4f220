import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ERROR_CODES } from '../../src/support/errors.js';

const ROOT = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'TROUBLESHOOTING.md'), 'utf8');

const catalogue = z
  .object({ 'redlink-store': z.object({ status: z.record(z.string(), z.unknown()) }) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'locales', 'en-US', 'redlink-store.json'), 'utf8')));

describe('docs/TROUBLESHOOTING.md', () => {
  it('has a row with what to do for every error code', () => {
    const listed = [...page.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code);
    assert.deepEqual(listed.sort(), [...ERROR_CODES].sort());
  });

  it('has the five mistakes that newcomers make, each with what to do', () => {
    const [, ...mistakes] = page.slice(0, page.indexOf('\n## What')).split(/^### \d\. /m);
    assert.equal(mistakes.length, 5);
    for (const mistake of mistakes) assert.match(mistake, /\*\*Do:\*\*/, mistake.split('\n')[0]);
  });

  it('has every status of a store', () => {
    const texts = Object.values(catalogue['redlink-store'].status).filter((text) => typeof text === 'string');
    assert.ok(texts.length > 5);
    for (const text of texts) {
      // A value stands for itself; what is said before it is the same each time.
      const [beginning = ''] = text.split(/[:(]? ?__/);
      assert.ok(page.includes(beginning), `"${beginning}" of the status "${text}"`);
    }
  });
});
