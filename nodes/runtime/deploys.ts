import type { NodeAPI } from 'node-red';
import { instance } from './instance.js';
import { isRecord } from './values.js';

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
    instance.flowsGoOn = isRecord(event) && event['type'] === MODIFIED_NODES;
  });
  RED.events.on('flows:started', () => {
    instance.flowsGoOn = false;
    for (const { name, messages } of instance.endDeploy()) {
      if (messages > 0)
        RED.log.warn(`redlink: store ${name} is gone, and with it ${messages} messages in memory`);
    }
  });
}
