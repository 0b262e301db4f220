/**
 * `npm start`: Node-RED with a demo of Redlink, at http://127.0.0.1:1880 or at the port that the variable PORT names.
 *
 * Its user directory is `.demo/` in this folder (git ignores it), or what REDLINK_DEMO_DIR names. The flow there is written at the first start, and
 * again only as long as nobody has changed it: whoever tries things out in the editor finds them again.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { distIsCurrent } from './demo-build.mjs';
import { CREDENTIAL_SECRET } from './demo-credentials.mjs';
import { prepareUserDir } from './demo-user-dir.mjs';

const root = join(import.meta.dirname, '..');
const DEFAULT_EDITOR_PORT = 1880;
const LAST_PORT = 65_535;

/** The editor of a demo is for the person at this machine. */
const HOST = '127.0.0.1';

/** What is said in the terminal; everything else there comes from Node-RED. */
function say(...lines) {
  console.log(lines.map((line) => `  ${line}`).join('\n'));
}

function fail(...lines) {
  say('', ...lines, '');
  process.exit(1);
}

function editorPort() {
  const port = Number(process.env['PORT'] || DEFAULT_EDITOR_PORT);
  if (Number.isInteger(port) && port > 0 && port <= LAST_PORT) return port;
  return fail(`PORT=${process.env['PORT']} is no port: use a number between 1 and ${LAST_PORT}.`);
}

function build() {
  if (distIsCurrent(root)) return;
  say('Building the nodes …');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  if (status !== 0) fail('The build failed: see above.');
}

/** Opens the editor's port first: a port that is taken is the commonest trouble, and is known at once. */
async function listen(server, port) {
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    fail(`Port ${port} is taken, perhaps by another Node-RED. Choose another one: PORT=1890 npm start`);
  }
}

function settingsFor(userDir, port) {
  return {
    userDir,
    flowFile: 'flows.json',
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    uiHost: HOST,
    uiPort: port,
    credentialSecret: CREDENTIAL_SECRET,
    telemetry: { enabled: false, updateNotification: false },
    diagnostics: { enabled: true, ui: true },
    // Projects that are neither on nor off spare a warning, too.
    editorTheme: { tours: false, projects: {}, header: { title: 'Redlink demo' } },
    logging: { console: { level: 'warn', metrics: false, audit: false } },
    functionExternalModules: false,
  };
}

/** Ctrl-C: Node-RED stops its flows, so that the stores take leave of each other; then the process ends. */
function stopOnSignal(RED) {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      say('', 'Stopping …');
      RED.stop().then(
        () => process.exit(0),
        (error) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
}

/** @param {import('./demo-user-dir.mjs').Demo} demo */
function explain(demo, url) {
  const stores = demo.stores.map(({ name, port }) => `${name} (port ${port})`).join(' and ');
  say('', `Redlink demo: open ${url}`, '');
  if (demo.edited) {
    say(`Your own version of the flow runs, as you left it. Its stores: ${stores || 'none'}.`);
    if (demo.taken.length > 0) {
      say(
        `Taken by another program: port ${demo.taken.join(', ')}. A store turns red until its port is free.`,
      );
    }
  } else {
    say(
      `Two stores of one mesh run here: ${stores}.`,
      'Every second South asks a question, and one of two consumers at North answers it.',
      'To see the answers, open the debug sidebar (the bug symbol at the top right).',
      'The comment at the top of the flow says what to try.',
    );
    if (demo.taken.length > 0)
      say(`Ports that another program has were passed over: ${demo.taken.join(', ')}.`);
  }
  say(
    '',
    'Ctrl-C stops it. Changes that you deploy stay; to begin anew, delete the folder',
    demo.userDir,
    '',
  );
}

async function main() {
  const port = editorPort();
  const server = createServer();
  await listen(server, port);
  build();
  const demo = await prepareUserDir(root);

  const require = createRequire(import.meta.url);
  const RED = require('node-red');
  // Node-RED reaches into the root application, so that has to be of its own express.
  const app = createRequire(require.resolve('node-red'))('express')();
  server.on('request', app);
  RED.init(server, settingsFor(demo.userDir, port));
  app.use('/', RED.httpAdmin);
  app.use('/', RED.httpNode);
  stopOnSignal(RED);
  await RED.start();
  explain(demo, `http://${HOST}:${port}`);
}

await main();
