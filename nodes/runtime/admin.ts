import { hostname } from 'node:os';
import type { NodeAPI } from 'node-red';
import { makeMeshKey, parseMeshKey } from '../../src/security/mesh-key.js';
import { RedlinkError } from '../../src/support/errors.js';
import { instance } from './instance.js';
import { peerStates, testPeer } from './peer-states.js';
import { booleanOr, isRecord, numberOr, textOf } from './values.js';

/** Permission to see stores and services, and to make keys and look at peers (SECURITY.md). */
const READ_PERMISSION = 'redlink.read';
const WRITE_PERMISSION = 'redlink.write';

const BAD_REQUEST = 400;
const PAYLOAD_TOO_LARGE = 413;

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
    response.json(Array.isArray(peers) ? peers.filter(isRecord).map(offeredPeer) : []);
  });
  RED.httpAdmin.get('/redlink/peers', mayRead, (request, response) => {
    const name = request.query['store'];
    response.json(typeof name === 'string' ? peerStates(name) : []);
  });
  registerWriting(RED);
  RED.httpAdmin.use('/redlink', refuseUnreadable);
}

/** What the form fills a row with. Whatever else stands in settings.js is not for everybody who may look. */
function offeredPeer({ address, port, redistribute }: Readonly<Record<string, unknown>>): object {
  return { address: textOf(address), port: numberOr(port, 0), redistribute: booleanOr(redistribute, false) };
}

/** What is needed of an answer of the editor's HTTP server. */
interface AdminAnswer {
  readonly headersSent: boolean;
  status(code: number): { json(body: unknown): unknown };
}

/** A body that Node-RED could not read: its own page for that shows where its code lies. */
function refuseUnreadable(
  thrown: unknown,
  _request: unknown,
  response: AdminAnswer,
  next: (thrown: unknown) => void,
): void {
  if (response.headersSent) {
    next(thrown);
    return;
  }
  const said: unknown = isRecord(thrown) ? thrown['status'] : undefined;
  const isTooLarge = said === PAYLOAD_TOO_LARGE;
  const error = isTooLarge ? 'the body is too large' : 'the request could not be read';
  response.status(isTooLarge ? PAYLOAD_TOO_LARGE : BAD_REQUEST).json({ error, code: 'BAD_REQUEST' });
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
        // The text of an error that is not Redlink's own may tell of files and code.
        const { message, code } =
          thrown instanceof RedlinkError ? thrown : { message: 'the test failed', code: 'BAD_REQUEST' };
        response.status(BAD_REQUEST).json({ error: message, code });
      },
    );
  });
}
