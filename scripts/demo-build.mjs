/** Whether `dist/` holds what the sources say. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What goes into the build. */
const SOURCES = [
  'src',
  'nodes',
  'icons',
  'locales',
  'scripts/build.mjs',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** The last that the build writes are the compiled entries. */
const BUILT = 'dist/nodes/redlink-store.js';

/** @returns {boolean} false where there is no build, or a source is newer than it */
export function distIsCurrent(root) {
  const built = join(root, BUILT);
  if (!existsSync(built)) return false;
  const builtAt = statSync(built).mtimeMs;
  return SOURCES.flatMap((source) => withContents(join(root, source))).every(
    (path) => statSync(path).mtimeMs <= builtAt,
  );
}

/** The path, and all below it. A folder's own time tells of files that were taken away. */
function withContents(path) {
  if (!statSync(path).isDirectory()) return [path];
  return [path, ...readdirSync(path, { recursive: true }).map((name) => join(path, name))];
}
