import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A CONNECT proxy on loopback that leads every name to loopback, and notes what it was asked for. */
export interface ConnectProxy {
  readonly port: number;
  /** `host:port` of each CONNECT. */
  readonly asked: string[];
  /** The value of each `proxy-authorization`. */
  readonly credentials: (string | undefined)[];
  /** Connections that are open through it, from askers. */
  readonly open: Set<Duplex>;
  close(): Promise<void>;
}

/** @param mood whether it connects, refuses with 403, or never answers. */
export async function startProxy(mood: 'willing' | 'refusing' | 'silent' = 'willing'): Promise<ConnectProxy> {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const open = new Set<Duplex>();
  const server = createServer();
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    asked.push(request.url ?? '');
    credentials.push(request.headers['proxy-authorization']);
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    if (mood === 'silent') socket.resume().once('end', () => socket.destroy());
    if (mood === 'refusing') socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    if (mood === 'willing') join(socket, (request.url ?? '').replace(/^.*:/, ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    asked,
    credentials,
    open,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join(socket: Duplex, port: string): void {
  const target: Socket = connect(Number(port), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.pipe(target).pipe(socket);
  });
  target.on('error', () => socket.destroy());
  target.once('close', () => socket.destroy());
  socket.once('close', () => target.destroy());
}
