/**
 * `node scripts/bundled-alasql.mjs slim|restore`: npm runs the two around packing (`prepack`, `postpack`).
 *
 * The tarball carries its own copy of AlaSQL, because an install of AlaSQL from the registry brings React Native
 * along (255 MB, 625 packages), wanted or not. `slim` makes the manifest of AlaSQL in `node_modules` say what the
 * copy shall be: no dependencies (`react-native-fs` is for phones, `cross-fetch` for a Node without `fetch`,
 * `yargs` for AlaSQL's command line) and, of the files, the build for Node alone (8 MB of the rest is for Excel).
 * What it replaces stays in the manifest under another name, so that `restore` needs no second file and both may
 * run twice.
 */
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const manifestPath = join(import.meta.dirname, '..', 'node_modules', 'alasql', 'package.json');

/** Where the original values of replaced fields stay. */
const ORIGINAL = 'beforeBundling';

/** The manifest of the copy; undefined: the field is left out. npm adds manifest, licence and README to `files`. */
const REPLACED = {
  bin: undefined,
  dependencies: undefined,
  optionalDependencies: undefined,
  files: ['dist/alasql.fs.js'],
};

/** @param {Record<string, unknown>} manifest */
function restore(manifest) {
  const { [ORIGINAL]: original, ...current } = manifest;
  if (original === undefined) {
    return manifest;
  }
  const untouched = Object.entries(current).filter(([field]) => !Object.hasOwn(REPLACED, field));
  return { ...Object.fromEntries(untouched), ...original };
}

/** @param {Record<string, unknown>} manifest */
function slim(manifest) {
  const original = Object.entries(manifest).filter(([field]) => Object.hasOwn(REPLACED, field));
  return { ...manifest, ...REPLACED, [ORIGINAL]: Object.fromEntries(original) };
}

const action = process.argv[2];
if (action !== 'slim' && action !== 'restore') {
  throw new Error('usage: bundled-alasql.mjs slim|restore');
}
const complete = restore(JSON.parse(readFileSync(manifestPath, 'utf8')));
const wanted = action === 'slim' ? slim(complete) : complete;
writeFileSync(manifestPath, `${JSON.stringify(wanted, undefined, 2)}\n`);
// npm reads the manifests anew only where a package's folder is newer than its own record of the tree.
const now = new Date();
utimesSync(dirname(manifestPath), now, now);
