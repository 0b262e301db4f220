/** Another node package that uses `got` itself, which is an ES module: what stands beside ours in real palettes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a node can get at an ES module. Node-RED loads it in parallel with ours. */
const ENTRIES = {
  require: (type: string): string => `
    const { got } = require('got');
    module.exports = (RED) => RED.nodes.registerType('${type}', function (config) {
      RED.nodes.createNode(this, config);
      this.got = got;
    });`,
  import: (type: string): string => `
    module.exports = async (RED) => {
      const { got } = await import('got');
      RED.nodes.registerType('${type}', function (config) {
        RED.nodes.createNode(this, config);
        this.got = got;
      });
    };`,
};

/**
 * Puts the package into a user directory where `got` is installed already.
 * @param name - of the package, and of the one node type that it brings; Node-RED loads packages by name
 */
export function addNeighbour(userDir: string, name: string, way: keyof typeof ENTRIES): void {
  const folder = join(userDir, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name,
    version: '1.0.0',
    dependencies: { got: '*' },
    'node-red': { nodes: { [name]: 'node.js' } },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'node.js'), ENTRIES[way](name));
  const form = { category: 'function', defaults: {}, inputs: 0, outputs: 0 };
  const script = `RED.nodes.registerType('${name}', ${JSON.stringify(form)})`;
  writeFileSync(join(folder, 'node.html'), `<script type="text/javascript">${script}</script>`);
}
