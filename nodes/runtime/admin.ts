import { hostname } from 'node:os';
import type { NodeAPI } from 'node-red';
import { instance } from './instance.js';
import { isRecord } from './values.js';

/** Permission that the forms need to see stores and services (SECURITY.md). */
const READ_PERMISSION = 'redlink.read';

/** The admin routes behind the forms (NODES.md, "New in version 4"). */
export function registerAdmin(RED: NodeAPI): void {
  const mayRead = RED.auth.needsPermission(READ_PERMISSION);
  RED.httpAdmin.get('/redlink/stores', mayRead, (_request, response) => {
    response.json(instance.names());
  });
  RED.httpAdmin.get('/redlink/services', mayRead, (request, response) => {
    const name = request.query['store'];
    const store = typeof name === 'string' ? instance.find(name) : undefined;
    response.json(store === undefined ? [] : [...store.services()]);
  });
  RED.httpAdmin.get('/redlink/hostname', mayRead, (_request, response) => {
    response.json(hostname());
  });
  RED.httpAdmin.get('/redlink/north-peers', mayRead, (_request, response) => {
    const settings: Record<string, unknown> = { ...RED.settings };
    const peers = settings['northPeers'];
    response.json(Array.isArray(peers) ? peers.filter(isRecord) : []);
  });
}
