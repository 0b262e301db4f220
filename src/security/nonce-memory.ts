import { CLOCK_TOLERANCE_MS } from './clock-tolerance.js';
import { ReplayWindow } from './replay-window.js';

/**
 * Sessions that are remembered at most: one for each store that sends and each of its starts in the last two
 * minutes. Only stores that have the key make any.
 */
const MAX_SESSIONS = 4_096;

/**
 * Sessions under one name: a store makes one at each of its starts. Without this bound and the next a single member could
 * use up all of them, and shut the others out.
 */
const MAX_SESSIONS_PER_NAME = 64;

/** Sessions from one machine, since who has the mesh key may go by any name. Many stores may share one, or one proxy. */
const MAX_SESSIONS_PER_MACHINE = 1_024;

/** A session that was silent for so long, ms, may be forgotten: its requests are refused by their time. */
const FORGET_AFTER_MS = 2 * CLOCK_TOLERANCE_MS + 1_000;

/** `session.number`: what a sender chose at its start, and a count of its requests. */
const NONCE = /^([A-Za-z0-9_-]{16,64})\.(\d{1,15})$/;

interface Session {
  readonly window: ReplayWindow;
  readonly from: NonceSender;
  heardAt: number;
}

/** Who has signed a nonce. */
export interface NonceSender {
  readonly name: string;
  /** IP address of the far end of the connection. */
  readonly machine: string;
}

/** Takes each nonce once, in bounded memory. */
export class NonceMemory {
  private readonly sessions = new Map<string, Session>();
  private readonly byName = new Map<string, number>();
  private readonly byMachine = new Map<string, number>();

  /**
   * @param from who has signed the nonce; ask only after its signature was found good
   * @returns false where it was used before, is no nonce, or there are too many sessions
   */
  take(from: NonceSender, nonce: string, now: number): boolean {
    const [, id, number] = NONCE.exec(nonce) ?? [];
    if (id === undefined || number === undefined) return false;
    const session = this.sessionOf(`${id} ${from.name}`, from, now);
    if (session === undefined) return false;
    session.heardAt = now;
    return session.window.take(Number(number));
  }

  get size(): number {
    return this.sessions.size;
  }

  private sessionOf(key: string, from: NonceSender, now: number): Session | undefined {
    const known = this.sessions.get(key);
    if (known !== undefined) return known;
    if (this.isFullFor(from)) this.forgetSilent(now);
    if (this.isFullFor(from)) return undefined;
    const made = { window: new ReplayWindow(), from, heardAt: now };
    this.sessions.set(key, made);
    this.count(from, 1);
    return made;
  }

  private isFullFor({ name, machine }: NonceSender): boolean {
    return (
      this.sessions.size >= MAX_SESSIONS ||
      (this.byName.get(name) ?? 0) >= MAX_SESSIONS_PER_NAME ||
      (this.byMachine.get(machine) ?? 0) >= MAX_SESSIONS_PER_MACHINE
    );
  }

  private forgetSilent(now: number): void {
    for (const [key, { heardAt, from }] of this.sessions) {
      if (now - heardAt <= FORGET_AFTER_MS) continue;
      this.sessions.delete(key);
      this.count(from, -1);
    }
  }

  private count({ name, machine }: NonceSender, change: number): void {
    add(this.byName, name, change);
    add(this.byMachine, machine, change);
  }
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
