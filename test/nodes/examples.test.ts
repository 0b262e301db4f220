import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef, NodeInitializer } from 'node-red';
import { z } from 'zod';
import { makeMeshKey } from '../../src/security/mesh-key.js';
import {
  type FlowCredentials,
  type FlowNode,
  helper,
  requireNodeRed,
  startFlow,
} from '../support/node-red.js';
import { until } from '../support/outlet.js';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');
/** A deadline of 5 s passes in some of them. */
const WITHIN_MS = 30_000;
const TEST_WITHIN_MS = 60_000;

/** What is pressed, one after the other, and what the debug nodes then have shown, in any order. */
interface Step {
  readonly press: string;
  readonly see: readonly (string | RegExp)[];
}

const jobs = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** For each example: its files, and what a user who follows its text sees as `name of the debug node: value`. */
const OUTCOMES: Record<string, readonly Step[]> = {
  '01': [{ press: 'Ada', see: ['reply: Hello, Ada!'] }],
  '02': [
    { press: 'Ada asks', see: [] },
    { press: 'Bob asks', see: ['answer: Ada (desk 4): 36', 'answer: Bob (phone): 49'] },
  ],
  '03': [
    { press: '12 jobs', see: jobs(12).map((n) => new RegExp(`^done: job ${n} done by (Ann|Bob|Cleo)$`)) },
  ],
  '04': [
    { press: '5 letters', see: [] },
    { press: 'an alarm', see: [/^done: letter 1 is done$/, 'done: ALARM is done', 'done: letter 5 is done'] },
    { press: 'a question to nobody', see: [/^too late: .+: Is anybody there\?$/] },
  ],
  '05': [
    { press: 'a job', see: ['a job waits: a job from mesh0:desk waits'] },
    { press: 'fetch it', see: ['an answer waits: 1 answer(s) wait'] },
    { press: 'fetch the answer', see: ['answer: done: paint the fence'] },
  ],
  '06': [
    { press: '10 calls', see: [...jobs(10).map((n) => new RegExp(`^two at once: call ${n} answered at `))] },
  ],
  '07': [
    { press: '100 : 8', see: ['result: 12.5'] },
    { press: '1 : 0', see: [/^the consumer says: \{"message":"Nothing can be divided by zero\."/] },
  ],
  '08': [
    { press: 'make the file', see: ['file: the file is there'] },
    { press: 'send the file', see: ['receipt: 20971520 bytes, a Buffer'] },
  ],
  '09': [{ press: 'A question', see: ['reply: You asked: What is 6 times 7? The answer is 42.'] }],
  '10': [
    {
      press: 'from S1 to S2',
      see: ['the way: transit:S1 → transit:S10 → transit:S2', 'reply: parcel received at S2'],
    },
  ],
  '11': [
    {
      press: 'one message',
      see: [/^the way: ha:S1 → ha:S1[01] → ha:S2[01] → ha:S2$/, /^reply: arrived at /],
    },
  ],
  '12': [
    { press: 'to S1', see: ['reply: S1: hello S1'] },
    { press: 'ask at S11', see: ['reply: S3: hello from S11'] },
    { press: 'to S3', see: [/^failure: S2 finds no private: /] },
  ],
  '13': [{ press: '30 jobs', see: [/^share: A: \d+, B: \d+, C: \d+$/] }],
  '14': [
    { press: 'ask for all', see: ['reply: You may.'] },
    { press: 'ask secret', see: [/^failure: no secret here: /] },
  ],
};

/** Node-RED's own nodes that the examples use. */
const CORE = [
  'common/20-inject',
  'common/90-comment',
  'function/10-function',
  'function/10-switch',
  'function/15-change',
  'function/89-delay',
  'sequence/17-split',
  'storage/10-file',
];

const flow = z.array(z.looseObject({ id: z.string(), type: z.string(), name: z.string().optional() }));

const files = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.json'))
  .sort();

function read(number: string): FlowNode[] {
  return files
    .filter((name) => name.startsWith(number))
    .flatMap((name) => flow.parse(JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8'))));
}

/** Stores on different machines need the same key, which nobody can put into an example. */
function keysFor(nodes: readonly FlowNode[]): FlowCredentials {
  const meshKey = makeMeshKey();
  return Object.fromEntries(
    nodes.filter(({ type }) => type === 'redlink store').map(({ id }) => [id, { meshKey }]),
  );
}

function coreNodes(): NodeInitializer[] {
  const requireHere = createRequire(requireNodeRed.resolve('node-red'));
  return CORE.map((name): unknown => requireHere(`@node-red/nodes/core/${name}.js`)).filter(isInitializer);
}

function isInitializer(value: unknown): value is NodeInitializer {
  return typeof value === 'function';
}

/** Stands in for debug nodes: notes what the sidebar would show. */
function debugNodes(shown: string[]): NodeInitializer {
  return (RED: NodeAPI) => {
    function Debug(this: Node, { complete, name }: NodeDef & { complete: string }): void {
      RED.nodes.createNode(this, { id: this.id, type: 'debug', name, z: '' });
      this.on('input', (message, _send, done) => {
        const value: unknown = complete === 'true' ? message : RED.util.getMessageProperty(message, complete);
        shown.push(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
        done();
      });
    }
    RED.nodes.registerType('debug', Debug);
  };
}

describe('the examples', function () {
  this.timeout(TEST_WITHIN_MS);
  const folder = mkdtempSync(join(tmpdir(), 'redlink-examples-'));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => helper.unload());

  it('are all tried here', () => {
    assert.deepEqual([...new Set(files.map((name) => name.slice(0, 2)))], Object.keys(OUTCOMES).sort());
  });

  it('have no id twice, so that all of them can be imported', () => {
    const ids = files.flatMap((name) => read(name)).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("have no store whose name or port is another one's, so that all of them run beside each other", () => {
    const stores = files.flatMap((name) => read(name)).filter(({ type }) => type === 'redlink store');
    const names = stores.map(({ meshName, name }) => `${String(meshName)}:${String(name)}`);
    const ports = stores.map(({ listenPort }) => String(listenPort));
    assert.deepEqual([new Set(names).size, new Set(ports).size], [names.length, ports.length]);
  });

  for (const [number, steps] of Object.entries(OUTCOMES)) {
    it(`${files.find((name) => name.startsWith(number)) ?? number} does what it says`, async () => {
      const nodes = read(number);
      const shown: string[] = [];
      await startFlow(nodes, number === '09' ? keysFor(nodes) : {}, { fileWorkingDirectory: folder }, [
        ...coreNodes(),
        debugNodes(shown),
      ]);
      for (const { press, see } of steps) {
        const button = nodes.find(({ type, name }) => type === 'inject' && name === press);
        assert.ok(button, `there is no button ${press}`);
        helper.getNode(button.id).receive({});
        for (const wanted of see) {
          const isIt = (text: string): boolean =>
            typeof wanted === 'string' ? text === wanted : wanted.test(text);
          await until(
            () => shown.some(isIt),
            () => `${press}: ${String(wanted)} is not shown, but: ${shown.join(' | ')}`,
            WITHIN_MS,
          );
        }
      }
      const unexpected = shown.filter((text) => /^(failure|consumer failure|.+ failure): \{/.test(text));
      assert.deepEqual(unexpected, []);
    });
  }
});
