import { readFile, stat } from 'node:fs/promises';
import type { NodeAPI, NodeDef } from 'node-red';
import { describe, RedlinkError } from '../../src/support/errors.js';
import type { TlsIdentity } from '../../src/transport/https/certificate.js';
import { isRecord, textOf } from './values.js';

/** Where a store's key, certificate and authority come from: a `tls-config` node of Node-RED. */
export interface TlsSource {
  /** @throws RedlinkError `BAD_CONFIGURATION` where something is missing or cannot be read */
  read(): Promise<TlsIdentity>;
  /** A text that changes when the files do; always the same where there are none. */
  version(): Promise<string>;
}

/** The source that the node of that id is. It is looked at when it is read: it may start after the store. */
export function tlsSourceOf(RED: NodeAPI, id: string): TlsSource {
  const files = (): string[] => filesOf(RED, id);
  return {
    read: async () => {
      const [cert = '', key = '', ca = ''] = files();
      const given = optionsOf(RED, id);
      const identity = {
        cert: cert === '' ? pem(given['cert']) : await read(cert),
        key: key === '' ? pem(given['key']) : await read(key),
        ca: ca === '' ? pem(given['ca']) : await read(ca),
      };
      for (const [name, text] of Object.entries(identity)) {
        if (text === '') throw bad(`the tls-config node has no ${NAMES[name] ?? name}`);
      }
      const passphrase = textOf(given['passphrase']);
      return passphrase === '' ? identity : { ...identity, passphrase };
    },
    version: async () => {
      const stamps = await Promise.all(files().filter(Boolean).map(stampOf));
      return stamps.join(' ');
    },
  };
}

const NAMES: Readonly<Record<string, string>> = {
  cert: 'certificate',
  key: 'private key',
  ca: 'CA certificate',
};

/** Paths of certificate, key and authority as the node's form has them; blank where they were pasted. */
function filesOf(RED: NodeAPI, id: string): string[] {
  let found: Record<string, unknown> = {};
  RED.nodes.eachNode((definition: NodeDef) => {
    if (definition.id === id) found = { ...definition };
  });
  // What stands for an environment variable only Node-RED resolves.
  return ['cert', 'key', 'ca']
    .map((name) => textOf(found[name]))
    .map((path) => (path.includes('${') ? '' : path));
}

/** What the node gives to all that use it. */
function optionsOf(RED: NodeAPI, id: string): Readonly<Record<string, unknown>> {
  const node: unknown = RED.nodes.getNode(id);
  if (!isTlsNode(node)) throw bad('the tls-config node is missing');
  const options = node.addTLSOptions({});
  return isRecord(options) ? options : {};
}

interface TlsNode {
  addTLSOptions(options: object): unknown;
}

function isTlsNode(node: unknown): node is TlsNode {
  return isRecord(node) && typeof node['addTLSOptions'] === 'function';
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    throw bad(describe(thrown), thrown);
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size } = await stat(path);
    return `${mtimeMs}/${size}`;
  } catch {
    return ''; // Being replaced just now.
  }
}

function pem(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString() : textOf(value);
}

function bad(text: string, cause?: unknown): RedlinkError {
  return new RedlinkError('BAD_CONFIGURATION', text, cause);
}
