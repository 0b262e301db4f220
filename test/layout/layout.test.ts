/** Flows that come with the package are looked at before they are run: nothing in them lies upon anything else. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLES = join(ROOT, 'examples');

/** Sizes on Node-RED's canvas, px: of a node, its icon and ends, a letter of its label, an output, and the status below it. */
const LEAST_WIDTH = 100;
const BESIDE_LABEL = 50;
const LETTER = 6.5;
const LEAST_HEIGHT = 30;
const HEIGHT_OF_OUTPUT = 15;
const HEIGHT_OF_STATUS = 16;

const flow = z.array(
  z.looseObject({
    id: z.string(),
    type: z.string(),
    z: z.string().optional(),
    x: z.number().optional(),
    y: z.number().optional(),
    name: z.string().optional(),
    outputs: z.number().optional(),
  }),
);
type FlowNode = z.infer<typeof flow>[number];

interface Box {
  readonly node: string;
  readonly tab: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function boxOf({ type, name = '', outputs = 1, z: tab, x, y }: FlowNode): Box[] {
  if (tab === undefined || x === undefined || y === undefined || type === 'group') return [];
  const label = name === '' ? type : name;
  const width = Math.max(LEAST_WIDTH, label.length * LETTER + BESIDE_LABEL);
  const height = Math.max(LEAST_HEIGHT, outputs * HEIGHT_OF_OUTPUT);
  const status = type.startsWith('redlink') ? HEIGHT_OF_STATUS : 0;
  return [
    {
      node: `${type} "${label}"`,
      tab,
      left: x - width / 2,
      right: x + width / 2,
      top: y - height / 2,
      bottom: y + height / 2 + status,
    },
  ];
}

const meet = (a: Box, b: Box): boolean =>
  a.tab === b.tab && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** @returns pairs of nodes that lie upon each other, and nodes that stick out of the canvas. */
function faultsOf(nodes: readonly FlowNode[]): string[] {
  const boxes = nodes.flatMap(boxOf);
  const outside = boxes
    .filter(({ left, top }) => left < 0 || top < 0)
    .map(({ node }) => `${node} sticks out`);
  const upon = boxes.flatMap((box, index) =>
    boxes
      .slice(index + 1)
      .filter((other) => meet(box, other))
      .map((other) => `${box.node} and ${other.node}`),
  );
  return [...outside, ...upon];
}

async function demo(): Promise<FlowNode[]> {
  const script: unknown = await import(pathToFileURL(join(ROOT, 'scripts', 'demo-flow.mjs')).href);
  const { demoFlow } = z
    .object({ demoFlow: z.function({ input: [z.unknown()], output: z.unknown() }) })
    .parse(script);
  return flow.parse(demoFlow({ south: 2100, north: 2101 }));
}

describe('the layout of a flow that comes with the package', () => {
  it('of the demo: no node lies upon another', async () => {
    const nodes = await demo();
    assert.ok(nodes.length > 10, 'the demo has nodes');
    assert.deepEqual(faultsOf(nodes), []);
  });

  for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'))) {
    it(`of example ${file}: no node lies upon another`, () => {
      const nodes = flow.parse(JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')));
      assert.deepEqual(faultsOf(nodes), []);
    });
  }

  it('is seen to be bad where two nodes have the same place', async () => {
    const nodes = await demo();
    const [first] = nodes.filter(({ type }) => type === 'redlink store');
    assert.ok(first);
    assert.deepEqual(faultsOf([...nodes, first]), ['redlink store "South" and redlink store "South"']);
  });
});
