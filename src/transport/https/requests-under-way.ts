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
  readonly unanswered: Set<ServerResponse>;
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
    if (connection.unanswered.size >= this.caps.maxRequestsPerConnection) {
      connection.overrun = true;
      // Those that have come are parsed already; the others are not even read.
      socket.pause();
      return 'ignored';
    }
    connection.unanswered.add(response);
    const ofRemote = this.countOf(connection.remote) + 1;
    this.byRemote.set(connection.remote, ofRemote);
    response.once('close', () => {
      connection.unanswered.delete(response);
      this.forget(connection.remote);
      if (connection.overrun && connection.unanswered.size === 0) socket.destroy();
    });
    return ofRemote > this.caps.maxRequestsPerRemote ? 'tooMany' : 'answered';
  }

  private connectionOf(socket: Socket): Connection {
    const known = this.connections.get(socket);
    if (known !== undefined) return known;
    const made = {
      remote: plainIp(socket.remoteAddress),
      unanswered: new Set<ServerResponse>(),
      overrun: false,
    };
    this.connections.set(socket, made);
    // Answers that stand in line are told nothing by Node: they would be waited for.
    socket.once('close', () => {
      process.nextTick(() => {
        for (const response of made.unanswered) response.destroy().emit('close');
      });
    });
    return made;
  }

  private forget(remote: string): void {
    const left = this.countOf(remote) - 1;
    if (left <= 0) this.byRemote.delete(remote);
    else this.byRemote.set(remote, left);
  }

  private countOf(remote: string): number {
    return this.byRemote.get(remote) ?? 0;
  }
}
