/** The demo's user directory: `.demo/`, with this package linked into it and the flow. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { demoCredentials } from './demo-credentials.mjs';
import { demoFlow } from './demo-flow.mjs';

const FOLDER = '.demo';

/** Names another folder, for whoever wants a second demo (the tests do). */
const FOLDER_VARIABLE = 'REDLINK_DEMO_DIR';

const PACKAGE = 'node-red-contrib-redlink';

/** Where the stores' ports are looked for: 2000 and what follows is for stores that are no demo. */
const FIRST_STORE_PORT = 2100;
const LAST_STORE_PORT = 2199;

/**
 * @typedef {object} Demo
 * @property {string} userDir
 * @property {boolean} edited - somebody has changed the flow since it was written: it is left as it is
 * @property {{ name: string, port: number }[]} stores - of the flow
 * @property {number[]} taken - ports that were wanted and are not free
 */

/**
 * Makes the user directory, or what is missing in it.
 * @param {string} root - of this package
 * @returns {Promise<Demo>}
 */
export async function prepareUserDir(root) {
  const userDir = process.env[FOLDER_VARIABLE] || join(root, FOLDER);
  mkdirSync(join(userDir, 'node_modules'), { recursive: true });
  linkPackage(root, userDir);
  const flow = new FlowFile(userDir);
  if (!flow.isOurs()) {
    const stores = storesOf(flow.read());
    const taken = await filter(stores, async ({ port }) => !(await isFree(port)));
    return { userDir, edited: true, stores, taken: taken.map(({ port }) => port) };
  }
  const { ports, taken } = await choosePorts();
  const nodes = demoFlow(ports);
  flow.write(nodes);
  return { userDir, edited: false, stores: storesOf(nodes), taken };
}

/** As `npm install` of a folder does it: a link, and an entry in `package.json`. */
function linkPackage(root, userDir) {
  const manifest = { name: 'redlink-demo', private: true, dependencies: { [PACKAGE]: `file:${root}` } };
  writeFileSync(join(userDir, 'package.json'), JSON.stringify(manifest, undefined, 2));
  const link = join(userDir, 'node_modules', PACKAGE);
  rmSync(link, { recursive: true, force: true });
  // Windows lets everybody make a junction, but not a link.
  symlinkSync(root, link, 'junction');
}

/** The flow, and a note of what this script wrote into it: so it knows whether somebody has changed it since. */
class FlowFile {
  constructor(userDir) {
    this.path = join(userDir, 'flows.json');
    this.credentialsPath = join(userDir, 'flows_cred.json');
    this.notePath = join(userDir, 'flows.written');
  }

  /** Whether it is not there, or as this script wrote it. */
  isOurs() {
    if (!existsSync(this.path)) return true;
    return existsSync(this.notePath) && readFileSync(this.notePath, 'utf8') === digest(this.text());
  }

  write(nodes) {
    const text = JSON.stringify(nodes, undefined, 2);
    const stores = nodes.filter(({ type }) => type === 'redlink store');
    writeFileSync(this.credentialsPath, demoCredentials(stores.map(({ id }) => id)));
    // The note last: without it the file would count as changed, which is the safe mistake.
    writeFileSync(this.path, text);
    writeFileSync(this.notePath, digest(text));
  }

  read() {
    return JSON.parse(this.text());
  }

  text() {
    return readFileSync(this.path, 'utf8');
  }
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex');
}

function storesOf(nodes) {
  return nodes
    .filter(({ type, d }) => type === 'redlink store' && d !== true)
    .map(({ name, listenPort }) => ({ name, port: Number(listenPort) }));
}

/** @returns the first two free ports, and those before them that are not. */
async function choosePorts() {
  const taken = [];
  const free = [];
  for (let port = FIRST_STORE_PORT; port <= LAST_STORE_PORT && free.length < 2; port += 1) {
    ((await isFree(port)) ? free : taken).push(port);
  }
  const [south, north] = free;
  if (north === undefined) {
    throw new Error(`No two ports are free between ${FIRST_STORE_PORT} and ${LAST_STORE_PORT}`);
  }
  return { ports: { south, north }, taken };
}

/** Whether a store could listen on the port. */
async function isFree(port) {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

async function filter(items, predicate) {
  const kept = await Promise.all(items.map(predicate));
  return items.filter((_, index) => kept[index]);
}
