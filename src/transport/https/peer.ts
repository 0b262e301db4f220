import { setMaxListeners } from 'node:events';
import type { ClientRequest } from 'node:http';
import { Agent, request } from 'node:https';
import type { Got } from 'got';
import type { HttpsLimits } from './limits.js';

/** The connections to one peer. */
export interface Peer {
  readonly got: Got;
  /** Begins a POST without got, which takes a quarter of its time (DESIGN.md, "Transport"). */
  begin(url: URL, path: string, headers: Readonly<Record<string, string>>): ClientRequest;
  /** Ends all connections, those still being made included. */
  end(): void;
}

/**
 * Most bytes of headers in an answer: a 3.0.5 store puts `preserved` there whatever its length, up to
 * its own threshold of 25,000 characters (DEFECTS 20).
 */
const MAX_ANSWER_HEADER_BYTES = 65_536;

/** Legacy mode: a 3.0.5 store shows a certificate that nobody signed (SECURITY.md, "Two modes"). */
const TLS = { rejectUnauthorized: false };

/**
 * Makes the got instance and the agent for one peer (DESIGN.md, "Transport": no retries, no redirects, no
 * throwing on status, kept alive).
 * @param proxy the proxy that leads to it, if one does.
 */
export async function connectPeer(proxy: URL | undefined, limits: HttpsLimits): Promise<Peer> {
  const { got } = await import('got');
  const { agent, abort } = await makeAgent(proxy, limits);
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
    end: () => {
      abort.abort();
      agent.destroy();
    },
  };
}

async function makeAgent(
  proxy: URL | undefined,
  limits: HttpsLimits,
): Promise<{ agent: Agent; abort: AbortController }> {
  const abort = new AbortController();
  const options = {
    keepAlive: true,
    maxSockets: limits.maxSocketsPerPeer,
    maxFreeSockets: limits.maxSocketsPerPeer,
    timeout: limits.freeSocketMs,
  };
  if (proxy === undefined) return { agent: new Agent(options), abort };
  const { HttpsProxyAgent } = await import('hpagent');
  // Every CONNECT under way listens on it, as many as there may be sockets.
  setMaxListeners(0, abort.signal);
  const proxyRequestOptions = { headers: {}, signal: abort.signal };
  return { agent: new HttpsProxyAgent({ ...options, proxy, proxyRequestOptions }), abort };
}
