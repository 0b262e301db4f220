import { hostname } from 'node:os';
import type { NodeAPI } from 'node-red';
import { makeMeshKey, parseMeshKey } from '../../src/security/mesh-key.js';
import { asError, RedlinkError } from '../../src/support/errors.js';
import { instance } from './instance.js';
import { peerStates, testPeer } from './peer-states.js';
import { isRecord } from './values.js';

/** Permission to see stores and services, and to make keys and look at peers (SECURITY.md). */
const READ_PERMISSION = 'redlink.read';
const WRITE_PERMISSION = 'redlink.write';

const BAD_REQUEST = 400;

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
  RED.httpAdmin.get('/redlink/peers', mayRead, (request, response) => {
    const name = request.query['store'];
    response.json(typeof name === 'string' ? peerStates(name) : []);
  });
  registerWriting(RED);
}

/** Routes that make something, or have this machine connect somewhere. */
function registerWriting(RED: NodeAPI): void {
  const mayWrite = RED.auth.needsPermission(WRITE_PERMISSION);
  RED.httpAdmin.post('/redlink/mesh-key', mayWrite, (_request, response) => {
    const meshKey = makeMeshKey();
    // No copy may stay in a cache between here and the form.
    response.set('cache-control', 'no-store').json({ meshKey, keyId: parseMeshKey(meshKey).id });
  });
  RED.httpAdmin.post('/redlink/test-peer', mayWrite, (request, response) => {
    const body: unknown = request.body;
    testPeer(body).then(
      (state) => response.json(state),
      (thrown: unknown) => {
        const code = thrown instanceof RedlinkError ? thrown.code : 'BAD_REQUEST';
        response.status(BAD_REQUEST).json({ error: asError(thrown).message, code });
      },
    );
  });
}
