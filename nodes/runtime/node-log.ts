import type { Node } from 'node-red';
import type { Log } from '../../src/support/log.js';

/** The log of a node: its lines carry the node's type and name, as Node-RED's own do. */
export function nodeLog(node: Node): Log {
  return {
    error: (text) => {
      node.error(text);
    },
    warn: (text) => {
      node.warn(text);
    },
    info: (text) => {
      node.log(text);
    },
    debug: (text) => {
      node.debug(text);
    },
  };
}
