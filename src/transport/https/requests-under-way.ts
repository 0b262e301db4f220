import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { plainIp } from './connections.js';

/** What {@link RequestsUnderWay.begin} needs to know. */
interface Caps {
  readonly maxRequestsPerRemote: number;
  readonly maxRequestsPerConnection: number;
}

/** What becomes of a request: it is answered, told that there are too many, or not even looked at. */
export type Admission = 'answered' | 'tooMany' | 'ignored';

/** A connection that has brought requests. */
interface Connection {
  readonly remote: string;
  unanswered: number;
  /** It has brought more than it may: it ends as soon as those before are answered. */
  overrun: boolean;
}

/**
 * Counts the requests that have no answer yet. No store sends a request on a connection before the last one there was
 * answered; who sends hundreds at once would have them all begin in one turn of the event loop.
 */
export class RequestsUnderWay {
  private readonly connections = new WeakMap<Socket, Connection>();
  private readonly byRemote = new Map<string, number>();

  constructor(private readonly caps: Caps) {}

  begin({ socket }: IncomingMessage, response: ServerResponse): Admission {
    const connection = this.connectionOf(socket);
    if (connection.unanswered >= this.caps.maxRequestsPerConnection) {
      connection.overrun = true;
      // Those that have come are parsed already; the others are not even read.
      socket.pause();
      return 'ignored';
    }
    connection.unanswered += 1;
    const ofRemote = this.countOf(connection.remote) + 1;
    this.byRemote.set(connection.remote, ofRemote);
    response.once('close', () => {
      this.answered(socket, connection);
    });
    return ofRemote > this.caps.maxRequestsPerRemote ? 'tooMany' : 'answered';
  }

  private connectionOf(socket: Socket): Connection {
    const known = this.connections.get(socket);
    if (known !== undefined) return known;
    const made = { remote: plainIp(socket.remoteAddress), unanswered: 0, overrun: false };
    this.connections.set(socket, made);
    // Of the answers that stand in line when a connection ends, Node tells nothing.
    socket.once('close', () => {
      this.forget(made.remote, made.unanswered);
      made.unanswered = 0;
    });
    return made;
  }

  private answered(socket: Socket, connection: Connection): void {
    if (connection.unanswered === 0) return;
    connection.unanswered -= 1;
    this.forget(connection.remote, 1);
    if (connection.overrun && connection.unanswered === 0) socket.destroy();
  }

  private forget(remote: string, requests: number): void {
    const left = this.countOf(remote) - requests;
    if (left <= 0) this.byRemote.delete(remote);
    else this.byRemote.set(remote, left);
  }

  private countOf(remote: string): number {
    return this.byRemote.get(remote) ?? 0;
  }
}
