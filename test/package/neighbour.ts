/** Another node package that uses `got` itself, which is an ES module: what stands beside ours in real palettes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One way for a node to get at an ES module each. Node-RED loads both, in parallel with ours. */
const ENTRIES = {
  'by-require': (type: string): string => `
    const { got } = require('got');
    module.exports = (RED) => RED.nodes.registerType('${type}', function (config) {
      RED.nodes.createNode(this, config);
      this.got = got;
    });`,
  'by-import': (type: string): string => `
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
 * @param name - of the package; Node-RED loads packages in the order of their names
 * @returns the node types that it brings
 */
export function addNeighbour(userDir: string, name: string): string[] {
  const folder = join(userDir, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  const nodes = Object.entries(ENTRIES).map(([way, entry]) => ({ way, type: `${name} ${way}`, entry }));
  const manifest = {
    name,
    version: '1.0.0',
    dependencies: { got: '*' },
    'node-red': { nodes: Object.fromEntries(nodes.map(({ way }) => [way, `${way}.js`])) },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  for (const { way, type, entry } of nodes) {
    writeFileSync(join(folder, `${way}.js`), entry(type));
    const form = { category: 'function', defaults: {}, inputs: 0, outputs: 0 };
    const script = `RED.nodes.registerType('${type}', ${JSON.stringify(form)})`;
    writeFileSync(join(folder, `${way}.html`), `<script type="text/javascript">${script}</script>`);
  }
  return nodes.map(({ type }) => type);
}
