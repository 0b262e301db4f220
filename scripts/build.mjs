/**
 * Builds `dist/`, which is what Node-RED loads: the compiled TypeScript of `src/` and `nodes/`, and
 * beside it the files that Node-RED looks for next to a node's `.js` (form, icons, locales).
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const distNodes = join(dist, 'nodes');

/** `package.json` of `nodes/` says CommonJS, that of `nodes/runtime/` ES modules: Node needs both in `dist/` too. */
const MODULE_KINDS = ['package.json', 'runtime/package.json'];

/** Copied as they are, from the root of the repository to beside the nodes. */
const BESIDE_NODES = ['icons', 'locales'];

function copyAssets() {
  mkdirSync(join(distNodes, 'runtime'), { recursive: true });
  const forms = readdirSync(join(root, 'nodes')).filter((name) => name.endsWith('.html'));
  for (const name of [...forms, ...MODULE_KINDS]) {
    cpSync(join(root, 'nodes', name), join(distNodes, name));
  }
  for (const name of BESIDE_NODES) {
    cpSync(join(root, name), join(distNodes, name), { recursive: true });
  }
}

/** @returns the exit code of the TypeScript compiler. */
function compile() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const run = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'inherit',
  });
  return run.status ?? 1;
}

rmSync(dist, { recursive: true, force: true });
copyAssets();
process.exitCode = compile();
