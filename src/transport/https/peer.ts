import { setMaxListeners } from 'node:events';
import type { ClientRequest } from 'node:http';
import { Agent, request, type AgentOptions } from 'node:https';
import type { Got } from 'got';
import type { ProvenPeer } from '../../security/membership.js';
import type { TlsIdentity } from './certificate.js';
import type { HttpsLimits } from './limits.js';
import { watchConnections } from './connection-watch.js';
import type { MeshCaller } from './mesh-caller.js';
import { provingAgent } from './proving-agent.js';

/** The connections to one peer. */
export interface Peer {
  readonly got: Got;
  /** Begins a POST without got, which takes a quarter of its time (DESIGN.md, "Transport"). */
  begin(url: URL, path: string, headers: Readonly<Record<string, string>>): ClientRequest;
  /** Learns who is there; only in mesh mode. */
  readonly introduce: (() => Promise<ProvenPeer>) | undefined;
  /** Ends all connections, those still being made included. */
  end(): void;
}

/** What mesh mode adds to the connections. */
export interface MeshSide {
  readonly caller: MeshCaller;
  /** Shown as client certificate; undefined: none. */
  readonly identity: TlsIdentity | undefined;
}

/**
 * Most bytes of headers in an answer: a 3.0.5 store puts `preserved` there whatever its length, up to
 * its own threshold of 25,000 characters (DEFECTS 20).
 */
const MAX_ANSWER_HEADER_BYTES = 65_536;

/**
 * Legacy mode: a 3.0.5 store shows a certificate that nobody signed. In mesh mode the agent has each connection
 * proved instead (SECURITY.md, "Two modes").
 */
const TLS = { rejectUnauthorized: false };

/**
 * Makes the got instance and the agent for one peer (DESIGN.md, "Transport": no retries, no redirects, no
 * throwing on status, kept alive).
 * @param url where the peer is
 * @param proxy the proxy that leads to it, if one does.
 * @param mesh makes every connection prove itself; undefined: legacy mode
 * @param cut told when the last connection has ended, unless {@link Peer.end} was called
 */
export async function connectPeer(
  url: URL,
  proxy: URL | undefined,
  limits: HttpsLimits,
  mesh: MeshSide | undefined,
  cut: () => void = () => undefined,
): Promise<Peer> {
  const { got } = await import('got');
  const { agent, abort } = await makeAgent(proxy, limits, mesh);
  const proving =
    mesh &&
    provingAgent(agent, mesh.caller.membership, limits.handshakeTimeoutMs, (peer) => {
      mesh.caller.learned(url.host, peer);
    });
  watchConnections(agent, () => {
    if (!abort.signal.aborted) cut();
  });
  return {
    begin: (url, path, headers) =>
      request({
        ...TLS,
        agent,
        method: 'POST',
        // A URL has IPv6 addresses in brackets, a socket has none.
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path,
        headers: { host: url.host, ...headers },
        maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
      }),
    got: got.extend({
      method: 'POST',
      agent: { https: agent },
      https: TLS,
      retry: { limit: 0 },
      throwHttpErrors: false,
      followRedirect: false,
      decompress: false,
      maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
      headers: { 'user-agent': undefined },
    }),
    introduce: proving && (() => proving.introduce(url)),
    end: () => {
      abort.abort();
      proving?.end();
      agent.destroy();
    },
  };
}

async function makeAgent(
  proxy: URL | undefined,
  limits: HttpsLimits,
  mesh: MeshSide | undefined,
): Promise<{ agent: Agent; abort: AbortController }> {
  const abort = new AbortController();
  const options = {
    keepAlive: true,
    maxSockets: limits.maxSocketsPerPeer,
    maxFreeSockets: limits.maxSocketsPerPeer,
    timeout: limits.freeSocketMs,
    ...(mesh === undefined ? {} : meshTls(mesh)),
  };
  if (proxy === undefined) return { agent: new Agent(options), abort };
  const { HttpsProxyAgent } = await import('hpagent');
  // Every CONNECT under way listens on it, as many as there may be sockets.
  setMaxListeners(0, abort.signal);
  const proxyRequestOptions = { headers: {}, signal: abort.signal };
  return { agent: new HttpsProxyAgent({ ...options, proxy, proxyRequestOptions }), abort };
}

/** Both ends are redlink 4, so nothing older is needed; each connection is proved on its own, so none is resumed. */
function meshTls({ identity }: MeshSide): AgentOptions {
  return {
    minVersion: 'TLSv1.3',
    maxCachedSessions: 0,
    rejectUnauthorized: false,
    // The name that counts is the store's, and the proof looks at it.
    checkServerIdentity: () => undefined,
    ...identity,
  };
}
