import type { Socket } from 'node:net';

/** What {@link Connections.admit} needs to know. */
interface Caps {
  readonly maxConnections: number;
  readonly maxConnectionsPerRemote: number;
}

/** The open connections of a listener: counted by sender, capped, and all ended at its close. */
export class Connections {
  private readonly open = new Set<Socket>();
  private readonly byRemote = new Map<string, number>();

  constructor(private readonly caps: Caps) {}

  get count(): number {
    return this.open.size;
  }

  /** Takes a new connection in, or ends it at once where there are too many. Gives whether it stays. */
  admit(socket: Socket): boolean {
    const remote = plainIp(socket.remoteAddress);
    const already = this.byRemote.get(remote) ?? 0;
    if (this.open.size >= this.caps.maxConnections || already >= this.caps.maxConnectionsPerRemote) {
      socket.destroy();
      return false;
    }
    this.open.add(socket);
    this.byRemote.set(remote, already + 1);
    socket.once('close', () => {
      this.forget(socket, remote);
    });
    return true;
  }

  endAll(): void {
    for (const socket of this.open) socket.destroy();
  }

  private forget(socket: Socket, remote: string): void {
    this.open.delete(socket);
    const left = (this.byRemote.get(remote) ?? 1) - 1;
    if (left === 0) this.byRemote.delete(remote);
    else this.byRemote.set(remote, left);
  }
}

/** An address as people write it: IPv4 without the prefix that it gets on an IPv6 socket. */
export function plainIp(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}
