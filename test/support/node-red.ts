/**
 * Node-RED's own test helper with the three nodes of this package, in the Node-RED that the test run
 * is for: the one of the main tree (4.1), or the one whose folder `REDLINK_NODE_RED` names
 * (`npm run test:nodes:5` sets it and runs the same tests on Node 24).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeInitializer } from 'node-red';
import helper from 'node-red-node-test-helper';
import { z } from 'zod';
import consumerEntry from '../../nodes/redlink-consumer.js';
import producerEntry from '../../nodes/redlink-producer.js';
import storeEntry from '../../nodes/redlink-store.js';

/** A node of a flow file: what the editor would have saved. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly wires?: string[][];
  readonly [property: string]: unknown;
}

/** Credentials by node id. */
export type FlowCredentials = Record<string, Record<string, string>>;

export type DeployType = 'full' | 'flows' | 'nodes';

const nodeRedFolder = process.env['REDLINK_NODE_RED'];
export const requireNodeRed = createRequire(
  nodeRedFolder === undefined ? import.meta.url : join(nodeRedFolder, 'package.json'),
);

/** Version of the Node-RED that the tests of this run load the nodes into. */
export const nodeRedVersion = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(requireNodeRed.resolve('node-red/package.json'), 'utf8'))).version;

/** Where the nodes of this run may write, as Node-RED's `userDir`. Removed when the process ends. */
export const userDir = mkdtempSync(join(tmpdir(), 'redlink-nodes-'));
process.once('exit', () => {
  rmSync(userDir, { recursive: true, force: true });
});

helper.init(requireNodeRed.resolve('node-red'));
helper.settings({ userDir });

export { helper };

/**
 * Starts a flow with the three nodes known, as Node-RED does at start. Pair it with
 * `helper.unload()`, which stops the flow again.
 * @param settings - entries of `settings.js` for this flow, over a `userDir` of the run's own
 * @param others - further node types that the flow uses
 */
export async function startFlow(
  flow: FlowNode[],
  credentials: FlowCredentials = {},
  settings: Record<string, unknown> = {},
  others: NodeInitializer[] = [],
): Promise<void> {
  // A folder of its own: what a test leaves in the journal must not come back in the next one.
  helper.settings({ userDir: mkdtempSync(join(userDir, 'flow-')), ...settings });
  await helper.load([storeEntry, producerEntry, consumerEntry, ...others], flow, credentials);
}
