/** Test nodes for large payloads, which must not leave the process that they are in. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { FlowNode } from '../system/flow.js';

const PACKAGE = 'node-red-contrib-redlink-test-large';

/** A value that a `maker` makes: so many bytes, or characters of ASCII. */
export interface Recipe {
  readonly kind: 'buffer' | 'string';
  readonly size: number;
}

/** What a maker says of what it has sent. */
export const madeSchema = z.object({ sentAt: z.number(), digest: z.string() });

/** What a gauge says of what has come. */
export const gaugedSchema = z.object({
  cameAt: z.number(),
  kind: z.string(),
  size: z.number(),
  digest: z.string(),
});

/**
 * Runs in Node-RED, as it stands here. A `maker` sends the value that a recipe in the payload names; a `gauge`
 * says what has come, and sends its digest on. Digests are made piece by piece: they take no memory to speak of.
 */
const CODE = `
const { createHash, randomBytes } = require('node:crypto');
const PIECE = 1e6;
const digestOf = (value) => {
  const hash = createHash('sha1');
  for (let at = 0; at < value.length; at += PIECE) {
    hash.update(typeof value === 'string' ? value.slice(at, at + PIECE) : value.subarray(at, at + PIECE));
  }
  return hash.digest('hex');
};
const make = ({ kind, size }) => {
  const pattern = randomBytes(700_001);
  if (kind === 'buffer') return Buffer.alloc(size, pattern);
  return pattern.toString('hex').repeat(Math.ceil(size / 1_400_002)).slice(0, size);
};
const isLarge = (value) => typeof value === 'string' || Buffer.isBuffer(value);
module.exports = (RED) => {
  RED.nodes.registerType('maker', function (config) {
    RED.nodes.createNode(this, config);
    this.on('input', (message, send, done) => {
      const payload = make(message.payload);
      const digest = digestOf(payload);
      process.send({ id: this.id, message: { sentAt: Date.now(), digest } });
      send({ redlinkMsgId: message.redlinkMsgId, payload });
      done();
    });
  });
  RED.nodes.registerType('gauge', function (config) {
    RED.nodes.createNode(this, config);
    this.on('input', ({ redlinkMsgId, payload }, send, done) => {
      const cameAt = Date.now();
      const kind = Buffer.isBuffer(payload) ? 'buffer' : typeof payload;
      const digest = isLarge(payload) ? digestOf(payload) : '';
      process.send({ id: this.id, message: { cameAt, kind, size: payload?.length ?? 0, digest } });
      send({ redlinkMsgId, payload: digest });
      done();
    });
  });
};`;

/** Puts the package into a user directory. */
export function addLargeNodes(userDir: string): void {
  const folder = join(userDir, 'node_modules', PACKAGE);
  mkdirSync(folder, { recursive: true });
  const manifest = { name: PACKAGE, version: '1.0.0', 'node-red': { nodes: { large: 'large.js' } } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'large.js'), CODE);
  const form = JSON.stringify({ category: 'function', defaults: {}, inputs: 1, outputs: 1 });
  const forms = ['maker', 'gauge'].map((type) => `RED.nodes.registerType('${type}', ${form});`);
  writeFileSync(join(folder, 'large.html'), `<script type="text/javascript">${forms.join('')}</script>`);
}

export function maker(id: string, to: string): FlowNode {
  return node(id, 'maker', to);
}

export function gauge(id: string, to?: string): FlowNode {
  return node(id, 'gauge', to);
}

function node(id: string, type: string, to: string | undefined): FlowNode {
  return { id, type, z: 'tab', x: 0, y: 0, wires: to === undefined ? [[]] : [[to]] };
}
