/**
 * `node scripts/test.mjs [--reporter=NAME] GROUP…`: runs groups of tests, one mocha each, all of them even where one
 * fails, and exits with 1 if any did. The groups follow the folders of `test/`.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const nodeRed5 = join(root, 'test', 'node-red-5', 'node_modules');

/** Folders of `test/` that are no unit tests: they need a Node-RED, a browser, a network, or much time. */
const OWN_GROUP = [
  'attack',
  'browser',
  'conformance',
  'large',
  'node-red-5',
  'nodes',
  'package',
  'simulation',
  'system',
];

/** Loads the nodes into Node-RED 5, on the Node that it needs (test/support/node-red.ts). */
const inNodeRed5 = {
  node: join(nodeRed5, '.bin', 'node'),
  env: { REDLINK_NODE_RED: join(nodeRed5, 'node-red') },
  setUp: 'setup-node-red-5.mjs',
};

const GROUPS = {
  unit: { specs: ['test/**/*.test.ts'], ignored: OWN_GROUP.map((folder) => `test/${folder}/**`) },
  conformance: { specs: ['test/conformance/**/*.test.ts'] },
  simulation: { specs: ['test/simulation/**/*.test.ts'] },
  nodes: { specs: ['test/nodes/**/*.test.ts'] },
  // The same files once more, but for the examples, which wait for deadlines and are made of the same nodes.
  'nodes:5': {
    ...inNodeRed5,
    specs: ['test/nodes/**/*.test.ts'],
    ignored: ['test/nodes/examples.test.ts'],
  },
  attack: { specs: ['test/attack/**/*.test.ts'] },
  // Every input and every connection of what `attack` tries a share of.
  'attack:all': { specs: ['test/attack/**/*.test.ts'], env: { REDLINK_ATTACK_INPUTS: '100000' } },
  large: { specs: ['test/large/**/*.test.ts'] },
  browser: { specs: ['test/browser/**/*.test.ts'] },
  // The same in the editor of Node-RED 5, but for what takes long and hardly depends on the editor: examples and nonsense.
  'browser:5': {
    ...inNodeRed5,
    specs: ['test/browser/**/*.test.ts'],
    ignored: ['test/browser/examples.test.ts', 'test/browser/bad-input.test.ts'],
  },
  'browser:5:all': { ...inNodeRed5, specs: ['test/browser/**/*.test.ts'] },
  // All orders and all faults of what `system` tries a share of.
  topologies: { specs: ['test/system/topology-*.test.ts'], env: { REDLINK_TOPOLOGIES: 'all' } },
  system: { specs: ['test/package/**/*.test.ts', 'test/system/**/*.test.ts'], setUp: 'setup-node-red-5.mjs' },
};

/** @returns whether the script, mocha's own or one of ours, ended well. */
function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return status === 0;
}

function runGroup(name, reporter) {
  const { specs, ignored = [], node = process.execPath, env, setUp } = GROUPS[name];
  console.log(`\n== tests: ${name} ==`);
  if (setUp !== undefined && !run(process.execPath, [join('scripts', setUp)])) {
    return false;
  }
  return run(
    node,
    [
      mocha,
      '--forbid-only',
      '--reporter',
      reporter,
      ...ignored.flatMap((glob) => ['--ignore', glob]),
      ...specs,
    ],
    env,
  );
}

const args = process.argv.slice(2);
const option = args.find((arg) => arg.startsWith('--reporter='));
const groups = args.filter((arg) => arg !== option);
const unknown = groups.filter((name) => !Object.hasOwn(GROUPS, name));
if (groups.length === 0 || unknown.length > 0) {
  throw new Error(`Name groups of tests out of: ${Object.keys(GROUPS).join(', ')}`);
}

const reporter = option?.split('=')[1] ?? 'dot';
const failed = groups.filter((name) => !runGroup(name, reporter));
console.log(
  failed.length === 0 ? `\nAll groups passed: ${groups.join(', ')}.` : `\nFailed: ${failed.join(', ')}.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
