/**
 * `node scripts/test.mjs [--reporter=NAME] [--lanes=N] GROUP…`: runs groups of tests, one mocha each, all of them even
 * where one fails, and exits with 1 if any did. The groups follow the folders of `test/`. With lanes, so many groups run
 * at once, in their order, and each is shown when it has ended.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

/**
 * For groups that mostly wait (for timers, pages, processes), or whose files are many: two files at once. Groups that
 * measure how soon something happens, or that load the machine themselves, run file by file.
 */
const TWO_FILES_AT_ONCE = ['--parallel', '--jobs', '2'];

const GROUPS = {
  unit: {
    options: TWO_FILES_AT_ONCE,
    specs: ['test/**/*.test.ts'],
    ignored: OWN_GROUP.map((folder) => `test/${folder}/**`),
  },
  conformance: { options: TWO_FILES_AT_ONCE, specs: ['test/conformance/**/*.test.ts'] },
  simulation: { specs: ['test/simulation/**/*.test.ts'] },
  nodes: { options: TWO_FILES_AT_ONCE, specs: ['test/nodes/**/*.test.ts'] },
  // The same files once more, but for the examples, which wait for deadlines and are made of the same nodes.
  'nodes:5': {
    ...inNodeRed5,
    options: TWO_FILES_AT_ONCE,
    specs: ['test/nodes/**/*.test.ts'],
    ignored: ['test/nodes/examples.test.ts'],
  },
  attack: { specs: ['test/attack/**/*.test.ts'] },
  // Every input and every connection of what `attack` tries a share of.
  'attack:all': { specs: ['test/attack/**/*.test.ts'], env: { REDLINK_ATTACK_INPUTS: '100000' } },
  large: { specs: ['test/large/**/*.test.ts'] },
  browser: { options: TWO_FILES_AT_ONCE, specs: ['test/browser/**/*.test.ts'] },
  // The same in the editor of Node-RED 5, but for what takes long and hardly depends on the editor: examples and nonsense.
  'browser:5': {
    ...inNodeRed5,
    options: TWO_FILES_AT_ONCE,
    specs: ['test/browser/**/*.test.ts'],
    ignored: ['test/browser/examples.test.ts', 'test/browser/bad-input.test.ts'],
  },
  'browser:5:all': { ...inNodeRed5, options: TWO_FILES_AT_ONCE, specs: ['test/browser/**/*.test.ts'] },
  // All orders and all faults of what `system` tries a share of.
  topologies: { specs: ['test/system/topology-*.test.ts'], env: { REDLINK_TOPOLOGIES: 'all' } },
  system: { specs: ['test/package/**/*.test.ts', 'test/system/**/*.test.ts'], setUp: 'setup-node-red-5.mjs' },
};

/** A script, mocha's own or one of ours. @returns whether it ended well, and what it said where it was not shown */
async function run(command, args, env, shown) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: shown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const said = [];
  child.stdout?.on('data', (part) => said.push(part));
  child.stderr?.on('data', (part) => said.push(part));
  const [code] = await once(child, 'close');
  return { passed: code === 0, said: Buffer.concat(said).toString() };
}

/** Runs what a group consists of until something of it fails. */
async function runGroup(name, reporter, shown) {
  const { specs, options = [], ignored = [], node = process.execPath, env = {}, setUp } = GROUPS[name];
  const steps = [
    ...(setUp === undefined ? [] : [[process.execPath, [join('scripts', setUp)], {}]]),
    [
      node,
      [
        mocha,
        '--forbid-only',
        '--reporter',
        reporter,
        ...options,
        ...ignored.flatMap((glob) => ['--ignore', glob]),
        ...specs,
      ],
      env,
    ],
  ];
  const title = `\n== tests: ${name} ==\n`;
  if (shown) process.stdout.write(title);
  const said = [title];
  let passed = true;
  for (const [command, args, itsEnv] of steps) {
    const step = await run(command, args, itsEnv, shown);
    said.push(step.said);
    passed = step.passed;
    if (!passed) break;
  }
  if (!shown) process.stdout.write(said.join(''));
  return passed;
}

const args = process.argv.slice(2);
const option = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1];
const groups = args.filter((arg) => !arg.startsWith('--'));
const unknown = groups.filter((name) => !Object.hasOwn(GROUPS, name));
if (groups.length === 0 || unknown.length > 0) {
  throw new Error(`Name groups of tests out of: ${Object.keys(GROUPS).join(', ')}`);
}

const reporter = option('reporter') ?? 'dot';
const lanes = Number(option('lanes') ?? 1);
const waiting = [...groups];
const failed = [];
async function lane() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (!(await runGroup(name, reporter, lanes === 1))) failed.push(name);
  }
}
await Promise.all(Array.from({ length: lanes }, lane));
console.log(
  failed.length === 0 ? `\nAll groups passed: ${groups.join(', ')}.` : `\nFailed: ${failed.join(', ')}.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
