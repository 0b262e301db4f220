/** The demo's user directory: `.demo/`, with this package linked into it and the flow. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { demoFlow } from './demo-flow.mjs';

const FOLDER = '.demo';
const PACKAGE = 'node-red-contrib-redlink';

/** Where the stores' ports are looked for: 2000 and 2001 are for stores that are no demo. */
const FIRST_STORE_PORT = 2100;
const LAST_STORE_PORT = 2199;

/**
 * @param {string} root - of this package
 * @returns {Promise<{ userDir: string, ports: { north: number, south: number }, notes: string[] }>} where it is, where
 * the stores listen, and what the user has to know about either
 */
export async function prepareUserDir(root) {
  const userDir = join(root, FOLDER);
  mkdirSync(join(userDir, 'node_modules'), { recursive: true });
  linkPackage(root, userDir);
  const flow = new FlowFile(userDir);
  if (flow.isOurs()) {
    const ports = await freePorts();
    flow.write(demoFlow(ports));
    return {
      userDir,
      ports,
      notes: isUsual(ports)
        ? []
        : ['', `Port ${FIRST_STORE_PORT} or the next is taken, so the stores use these.`],
    };
  }
  const ports = portsOf(flow.read());
  return {
    userDir,
    ports,
    notes: ['', 'The flow is the one that you changed, as you left it.', ...(await takenPorts(ports))],
  };
}

/** As `npm install` of a folder does it: a link, and an entry in `package.json`. */
function linkPackage(root, userDir) {
  const manifest = { name: 'redlink-demo', private: true, dependencies: { [PACKAGE]: 'file:..' } };
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
    this.notePath = join(userDir, 'flows.written');
  }

  /** Whether it is not there, or as this script wrote it. */
  isOurs() {
    if (!existsSync(this.path)) return true;
    return existsSync(this.notePath) && readFileSync(this.notePath, 'utf8') === digest(this.text());
  }

  write(nodes) {
    const text = JSON.stringify(nodes, undefined, 2);
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

/** Whether the ports are those that the documentation names. */
function isUsual({ south, north }) {
  return south === FIRST_STORE_PORT && north === FIRST_STORE_PORT + 1;
}

/** The first two neighbouring ports that nobody uses. */
async function freePorts() {
  for (let south = FIRST_STORE_PORT; south < LAST_STORE_PORT; south += 2) {
    if ((await isFree(south)) && (await isFree(south + 1))) return { south, north: south + 1 };
  }
  throw new Error(`No two neighbouring ports are free between ${FIRST_STORE_PORT} and ${LAST_STORE_PORT}.`);
}

/** The ports of the stores in a flow, as far as the flow still has the stores of the demo. */
function portsOf(nodes) {
  const portOf = (name) =>
    nodes.find((node) => node.type === 'redlink store' && node.name === name)?.listenPort ?? 'none';
  return { south: portOf('South'), north: portOf('North') };
}

async function takenPorts(ports) {
  const notes = [];
  for (const port of Object.values(ports)) {
    if (port !== 'none' && !(await isFree(Number(port)))) {
      notes.push(`Port ${port} of one of its stores is taken: the store's status says so.`);
    }
  }
  return notes;
}

async function isFree(port) {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
    return true;
  } catch (error) {
    if (error.code === 'EADDRINUSE') return false;
    throw error;
  } finally {
    probe.close();
  }
}
