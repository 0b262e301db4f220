import type { Socket } from 'node:net';

/** What {@link Connections.admit} needs to know. */
interface Caps {
  readonly maxConnections: number;
  readonly maxConnectionsPerRemote: number;
}

/** A connection by its far end: the TLS socket of a request has the same as the socket below it. */
type FarEnd = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/**
 * The open connections of a listener: counted by sender, capped, and all ended at its close. Where there are too
 * many, the oldest that has not brought a request yet makes way: who opens connections and says nothing keeps
 * nobody out (DEFECTS 34).
 */
export class Connections {
  private readonly open = new Map<string, Socket>();
  /** Those that have not brought a request yet, oldest first, by their far end: the sender. */
  private readonly silent = new Map<string, string>();
  private readonly byRemote = new Map<string, number>();

  constructor(private readonly caps: Caps) {}

  get count(): number {
    return this.open.size;
  }

  /** Takes a new connection in, or ends it at once where there are too many. Gives whether it stays. */
  admit(socket: Socket): boolean {
    const remote = plainIp(socket.remoteAddress);
    if (!this.makeRoom(remote)) {
      socket.destroy();
      return false;
    }
    const key = keyOf(socket);
    this.open.set(key, socket);
    this.silent.set(key, remote);
    this.byRemote.set(remote, this.countOf(remote) + 1);
    socket.once('close', () => {
      this.forget(key, socket, remote);
    });
    return true;
  }

  /** A request has come over the connection. */
  heard(farEnd: FarEnd): void {
    this.silent.delete(keyOf(farEnd));
  }

  endAll(): void {
    for (const socket of this.open.values()) socket.destroy();
  }

  private makeRoom(remote: string): boolean {
    if (this.countOf(remote) >= this.caps.maxConnectionsPerRemote) return this.endSilent(remote);
    return this.open.size < this.caps.maxConnections || this.endSilent(undefined);
  }

  /** @param remote only one of that sender; undefined: of any */
  private endSilent(remote: string | undefined): boolean {
    for (const [key, sender] of this.silent) {
      if (remote !== undefined && sender !== remote) continue;
      const socket = this.open.get(key);
      if (socket === undefined) continue;
      this.forget(key, socket, sender);
      socket.destroy();
      return true;
    }
    return false;
  }

  private countOf(remote: string): number {
    return this.byRemote.get(remote) ?? 0;
  }

  private forget(key: string, socket: Socket, remote: string): void {
    if (this.open.get(key) !== socket) return;
    this.open.delete(key);
    this.silent.delete(key);
    const left = this.countOf(remote) - 1;
    if (left <= 0) this.byRemote.delete(remote);
    else this.byRemote.set(remote, left);
  }
}

function keyOf({ remoteAddress, remotePort }: FarEnd): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}

/** An address as people write it: IPv4 without the prefix that it gets on an IPv6 socket. */
export function plainIp(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}
