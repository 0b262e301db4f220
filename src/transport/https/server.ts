import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Socket, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { NextFunction, Request, Response } from 'express';
import { VERBS_PATH } from '../../protocol/v4/batch.js';
import { RedlinkError } from '../../support/errors.js';
import type { Log } from '../../support/log.js';
import { jsonAnswer } from '../failure-answer.js';
import type { Listener, Serve } from '../port.js';
import { Answering } from './answering.js';
import { bindingFor } from './bind.js';
import type { TlsIdentity } from './certificate.js';
import { Connections } from './connections.js';
import type { Gate } from './gate.js';
import type { HttpsLimits } from './limits.js';
import { networkReason } from './network-reasons.js';
import { answerRaw } from './raw-answer.js';

const BAD_REQUEST = 400;
const HIGHEST_PORT = 65_535;

/** How often a free port is looked for that is free on every address to be bound. */
const FREE_PORT_ATTEMPTS = 10;

/** A listener that can say where it listens and take another certificate while it runs. */
export interface HttpsListener extends Listener {
  /** The port bound, also where port 0 asked for any. */
  readonly port: number;
  /** Serves new connections with another identity; those that are open stay as they are. */
  setIdentity(identity: TlsIdentity): void;
}

export interface ServerOptions {
  /** Host and port to listen on, by the rule of {@link bindingFor}. Port `0`: any free one. */
  readonly host: string;
  readonly port: string;
  readonly identity: TlsIdentity;
  readonly gate: Gate;
  /** Whether addresses that are neither loopback nor private are bound. */
  readonly allowPublic: boolean;
  readonly limits: HttpsLimits;
  readonly log: Log;
}

/**
 * Opens a store's listener on every address that belongs to it.
 * @throws RedlinkError `LISTEN_FAILED` with a reason short enough for a node's status.
 */
export async function openServer(options: ServerOptions, serve: Serve): Promise<HttpsListener> {
  const port = portNumber(options.port);
  const { hosts, warning } = bindingFor(options.host, undefined, options.allowPublic);
  if (warning !== undefined) options.log.warn(warning);
  const connections = new Connections(options.limits);
  const app = await requestHandler(new Answering(serve, options.limits, options.log, options.gate));
  const make = (): Server => makeServer(app, connections, options);
  const servers = await listenOnAll(hosts, port, make, options.log);
  return {
    port: boundPort(servers),
    setIdentity: (identity) => {
      for (const server of servers) server.setSecureContext({ ...identity, ...tlsOf(identity) });
    },
    close: async () => {
      const closed = servers.map(closeServer);
      connections.endAll();
      await Promise.all(closed);
    },
  };
}

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Batches of verbs, and what there is too much of, pass express by: it would take as long as all else about them. */
async function requestHandler(answering: Answering): Promise<RequestHandler> {
  const app = await expressApp(answering);
  return (request, response) => {
    const admission = answering.admit(request, response);
    if (admission === 'ignored') return;
    if (admission === 'tooMany') void answering.refuse(request, response);
    else if (request.url === VERBS_PATH) void answering.handle(request, response);
    else app(request, response);
  };
}

/** Express without what costs time on every answer (DESIGN.md, "Transport"). */
async function expressApp(answering: Answering): Promise<RequestHandler> {
  const { default: express } = await import('express');
  const app = express();
  app.disable('etag');
  app.disable('x-powered-by');
  app.use((request: Request, response: Response) => answering.handle(request, response));
  // Express knows a handler of errors by its four parameters; its own would answer with a stack.
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, headers, body } = jsonAnswer(BAD_REQUEST, 'the request cannot be read', 'BAD_REQUEST');
    response.writeHead(status, headers).end(body);
  });
  return app;
}

function makeServer(app: RequestHandler, connections: Connections, options: ServerOptions): Server {
  const { identity, limits, log } = options;
  const server = createServer(
    {
      ...identity,
      ...tlsOf(identity),
      maxHeaderSize: limits.maxHeaderBytes,
      handshakeTimeout: limits.handshakeTimeoutMs,
      headersTimeout: limits.headersTimeoutMs,
      // A large body takes as long as it takes: it is its standing still that is limited.
      requestTimeout: 0,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      keepAlive: true,
      noDelay: true,
    },
    app,
  );
  const secured = new WeakSet<Duplex>();
  server.on('secureConnection', (socket) => {
    secured.add(socket);
  });
  // The first that is not sent whole: no other may overtake it.
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const before = answers.get(request.socket);
    if (before === undefined || before.writableFinished) answers.set(request.socket, response);
    connections.heard(request.socket);
  });
  server.on('connection', (socket) => {
    if (socket instanceof Socket) connections.admit(socket);
  });
  server.on('clientError', (error: Error, socket: Duplex) => {
    log.debug(`bad request: ${error.message}`);
    // Before the end of the TLS handshake there is no way to say anything.
    if (secured.has(socket)) answerRaw(error, socket, answers.get(socket), limits.lingerMs);
    else socket.destroy();
  });
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    answerRaw(new Error('CONNECT'), socket, undefined, limits.lingerMs);
  });
  return server;
}

/**
 * Where an authority stands for the mesh, a certificate is asked of everybody. Who shows none is not cut off:
 * the gate tells both sides why.
 */
function tlsOf(identity: TlsIdentity): { requestCert: boolean; rejectUnauthorized: boolean } {
  return { requestCert: identity.ca !== undefined, rejectUnauthorized: false };
}

async function listenOnAll(
  hosts: readonly (string | undefined)[],
  port: number,
  make: () => Server,
  log: Log,
): Promise<Server[]> {
  for (let attempt = 1; ; attempt += 1) {
    const servers: Server[] = [];
    try {
      for (const host of hosts) {
        const server = make();
        await listen(server, servers.length === 0 ? port : boundPort(servers), host, log);
        servers.push(server);
      }
      return servers;
    } catch (thrown) {
      await Promise.all(servers.map(closeServer));
      if (port !== 0 || attempt === FREE_PORT_ATTEMPTS) throw thrown;
    }
  }
}

async function listen(server: Server, port: number, host: string | undefined, log: Log): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(new RedlinkError('LISTEN_FAILED', listenFailure(error, port, host), error));
    };
    server.once('error', failed);
    server.listen({ port, host }, () => {
      server.off('error', failed);
      server.on('error', (error) => {
        log.error(`listener on port ${boundPort([server])}: ${networkReason(error)}`);
      });
      resolve();
    });
  });
}

function listenFailure(error: NodeJS.ErrnoException, port: number, host: string | undefined): string {
  if (error.code === 'EADDRINUSE') return `port ${port} is in use`;
  if (error.code === 'EACCES') return `port ${port} needs more rights`;
  return `cannot listen on ${host ?? 'all interfaces'}, port ${port}: ${networkReason(error)}`;
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : NaN;
  if (Number.isNaN(port) || port > HIGHEST_PORT) {
    throw new RedlinkError('LISTEN_FAILED', `port ${text} is not one of 1 to ${HIGHEST_PORT}`);
  }
  return port;
}

function boundPort(servers: readonly Server[]): number {
  const address: AddressInfo | string | null | undefined = servers[0]?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
