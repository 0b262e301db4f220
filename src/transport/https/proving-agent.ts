import type { Agent, AgentOptions } from 'node:https';
import { PassThrough, type Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Membership, ProvenPeer } from '../../security/membership.js';
import { asError, RedlinkError } from '../../support/errors.js';
import { proveConnection } from './proof-exchange.js';

/** An agent whose connections all have proved where they lead, before any request sees them. */
export interface ProvingAgent {
  readonly agent: Agent;
  /** Opens a connection only to learn who is there, and ends it. @throws RedlinkError */
  introduce(url: URL): Promise<ProvenPeer>;
  /** Ends the connections that are being proved. */
  end(): void;
}

type Opened = (error: Error | null, socket: Duplex) => void;
type Open = (options: AgentOptions, opened?: Opened) => Duplex | null | undefined;

/** A URL leaves this port out. */
const HTTPS_PORT = 443;

/** Node's type wants a socket beside an error; its agent looks at the error alone. */
const NO_SOCKET = new PassThrough();

/**
 * Makes an agent prove each new connection (SECURITY: `rejectUnauthorized: false` skips `checkServerIdentity`,
 * so that it must happen on the socket before it is handed over).
 * @param timeLimitMs for the TLS handshake and the proof together
 * @param learned told of each store that has proved itself
 */
export function provingAgent(
  agent: Agent,
  membership: Membership,
  timeLimitMs: number,
  learned: (peer: ProvenPeer) => void,
): ProvingAgent {
  const pending = new Set<Duplex>();
  const openUnproven: Open = agent.createConnection.bind(agent);

  const prove = async (socket: Duplex, host: string): Promise<ProvenPeer> => {
    pending.add(socket);
    const tooLate = setTimeout(() => {
      socket.destroy(new RedlinkError('PEER_TIMEOUT', `${host} did not prove itself in ${timeLimitMs} ms`));
    }, timeLimitMs);
    try {
      if (!(socket instanceof TLSSocket)) throw new RedlinkError('PEER_UNREACHABLE', 'no TLS connection');
      const peer = await proveConnection(socket, host, membership);
      learned(peer);
      return peer;
    } catch (thrown) {
      socket.destroy();
      throw asError(thrown);
    } finally {
      clearTimeout(tooLate);
      pending.delete(socket);
    }
  };

  const open = async (options: AgentOptions): Promise<{ socket: Duplex; peer: ProvenPeer }> => {
    const socket = await new Promise<Duplex>((resolve, reject) => {
      const opened: Opened = (error, made) => {
        if (error === null) resolve(made);
        else reject(error);
      };
      const direct = openUnproven(options, opened);
      if (direct !== null && direct !== undefined) resolve(direct);
    });
    return { socket, peer: await prove(socket, `${options.host ?? ''}:${options.port ?? ''}`) };
  };

  agent.createConnection = (options: AgentOptions, opened?: Opened): undefined => {
    open(options).then(
      ({ socket }) => opened?.(null, socket),
      (error: unknown) => opened?.(asError(error), NO_SOCKET),
    );
    return undefined;
  };

  return {
    agent,
    introduce: async (url) => {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const { socket, peer } = await open({ ...agent.options, host, port: Number(url.port || HTTPS_PORT) });
      socket.destroy();
      return peer;
    },
    end: () => {
      for (const socket of pending) socket.destroy();
    },
  };
}
