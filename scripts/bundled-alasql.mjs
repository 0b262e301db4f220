/**
 * `node scripts/bundled-alasql.mjs slim|restore`: npm runs the two around packing (`prepack`, `postpack`).
 *
 * The tarball carries its own copy of AlaSQL, because an install of AlaSQL from the registry brings React
 * Native along (255 MB, 625 packages), whether or not it is wanted. The copy declares no dependencies:
 * `react-native-fs` is for phones, `cross-fetch` for a Node without `fetch`, `yargs` for AlaSQL's command line.
 * `slim` sets them aside under another name in the copy's own `package.json`, so `restore` needs no second file
 * and both may run twice.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const manifestPath = join(import.meta.dirname, '..', 'node_modules', 'alasql', 'package.json');

/** Fields of the manifest that npm follows, and where they stay meanwhile. */
const SET_ASIDE = {
  dependencies: 'dependenciesLeftOut',
  optionalDependencies: 'optionalDependenciesLeftOut',
};

/** @param {Record<string, unknown>} manifest @param {string} from @param {string} to */
function rename(manifest, from, to) {
  return Object.fromEntries(Object.entries(manifest).map(([key, value]) => [key === from ? to : key, value]));
}

const action = process.argv[2];
if (action !== 'slim' && action !== 'restore') {
  throw new Error('usage: bundled-alasql.mjs slim|restore');
}
let manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
for (const [field, aside] of Object.entries(SET_ASIDE)) {
  manifest = action === 'slim' ? rename(manifest, field, aside) : rename(manifest, aside, field);
}
writeFileSync(manifestPath, `${JSON.stringify(manifest, undefined, 2)}\n`);
