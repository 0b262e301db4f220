import type { Agent, AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';

type Opened = (error: Error | null, socket: Duplex) => void;
type Open = (options: AgentOptions, opened?: Opened) => Duplex | null | undefined;

/**
 * Tells when the last connection of an agent has ended that ever carried anything back: the process at the other end
 * may be gone, and no call may come for long that would find out.
 * @param cut told each time; not of connections that were never made
 */
export function watchConnections(agent: Agent, cut: () => void): void {
  const open: Open = agent.createConnection.bind(agent);
  const sockets = new Set<Duplex>();

  const watch = (socket: Duplex): void => {
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && hasCarried(socket)) cut();
    });
  };

  agent.createConnection = (options: AgentOptions, opened?: Opened) => {
    const made = open(options, (error, socket) => {
      if (error === null) watch(socket);
      opened?.(error, socket);
    });
    if (made !== null && made !== undefined) watch(made);
    return made;
  };
}

function hasCarried(socket: Duplex): boolean {
  return socket instanceof Socket && socket.bytesRead > 0;
}
