import type { NodeAPI } from 'node-red';
import { EVERYTHING, type Ending, instance } from './instance.js';
import { isRecord, textsOf } from './values.js';

/** The kind of deploy that ends only the nodes that were changed, not the flows around them. */
const MODIFIED_NODES = 'nodes';

/** Runtimes that are followed already: one, but for tests that load the nodes again and again. */
const watched = new WeakSet<object>();

/**
 * Follows Node-RED's deploys: whether the flows around an ending node go on, so that what its consumer
 * has read may still be answered; and when all nodes are there again.
 */
export function watchDeploys(RED: NodeAPI): void {
  if (watched.has(RED.events)) return;
  watched.add(RED.events);
  RED.events.on('flows:stopping', (event: unknown) => {
    const goOn = isRecord(event) && event['type'] === MODIFIED_NODES;
    instance.beginDeploy(goOn && isRecord(event['diff']) ? nodesOf(event['diff']) : EVERYTHING, goOn);
  });
  RED.events.on('flows:started', () => {
    const abandoned = instance.successors.dropAbandoned((id) => isConsumer(RED, id));
    for (const [id, messages] of abandoned)
      RED.log.warn(
        `redlink: consumer ${id} is gone, and with it ${messages} messages that it was just given`,
      );
    for (const { name, messages } of instance.endDeploy()) {
      if (messages > 0)
        RED.log.warn(`redlink: store ${name} is gone, and with it ${messages} messages in memory`);
    }
  });
}

function isConsumer(RED: NodeAPI, id: string): boolean {
  const node: unknown = RED.nodes.getNode(id);
  return isRecord(node) && node['type'] === 'redlink consumer';
}

/** What a deploy of modified nodes ends, by Node-RED's account of it: of a flow that is changed itself, all nodes. */
function nodesOf(diff: Readonly<Record<string, unknown>>): Ending {
  const ended = new Set(
    [diff['changed'], diff['removed'], diff['flowChanged'], diff['added']].flatMap((ids) => textsOf(ids)),
  );
  return { ends: (id, flow) => ended.has(id) || ended.has(flow) };
}
