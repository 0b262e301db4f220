/** A node package for tests: `probe` tells the test what comes in, `echo` answers a consumer. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const PACKAGE = 'node-red-contrib-redlink-test-probe';

/** What a probe says over the channel: a message that came into it. */
export const probed = z.object({ id: z.string(), message: z.record(z.string(), z.unknown()) });

/** What a test says over the channel: a message that is to go into a node. */
export interface Injected {
  readonly id: string;
  readonly message: Record<string, unknown>;
}

/**
 * Runs in Node-RED, as it stands here. An `echo` answers with what came in, or,
 * with `measure`, with how long that is, so that a large payload travels one way only.
 */
const CODE = `
module.exports = (RED) => {
  RED.nodes.registerType('probe', function (config) {
    RED.nodes.createNode(this, config);
    this.on('input', (message, _send, done) => {
      process.send({ id: this.id, message });
      done();
    });
  });
  RED.nodes.registerType('echo', function (config) {
    RED.nodes.createNode(this, config);
    this.on('input', ({ redlinkMsgId, payload }, send, done) => {
      send({ redlinkMsgId, payload: config.measure ? payload.length : payload });
      done();
    });
  });
  // In the midst of a deploy there is no such node for a moment.
  const put = ({ id, message }) => {
    const node = RED.nodes.getNode(id);
    if (node) node.receive(message);
    else setTimeout(put, 10, { id, message });
  };
  process.on('message', put);
};`;

/** Puts the package into a user directory. */
export function addProbe(userDir: string): void {
  const folder = join(userDir, 'node_modules', PACKAGE);
  mkdirSync(folder, { recursive: true });
  const manifest = { name: PACKAGE, version: '1.0.0', 'node-red': { nodes: { probe: 'probe.js' } } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'probe.js'), CODE);
  const form = JSON.stringify({ category: 'function', defaults: {}, inputs: 1, outputs: 1 });
  const forms = ['probe', 'echo'].map((type) => `RED.nodes.registerType('${type}', ${form});`);
  writeFileSync(join(folder, 'probe.html'), `<script type="text/javascript">${forms.join('')}</script>`);
}
