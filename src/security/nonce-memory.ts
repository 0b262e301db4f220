import { CLOCK_TOLERANCE_MS } from './clock-tolerance.js';
import { ReplayWindow } from './replay-window.js';

/**
 * Sessions that are remembered at most: one for each store that sends and each of its starts in the last two
 * minutes. Only stores that have the key make any.
 */
const MAX_SESSIONS = 4_096;

/** A session that was silent for so long, ms, may be forgotten: its requests are refused by their time. */
const FORGET_AFTER_MS = 2 * CLOCK_TOLERANCE_MS + 1_000;

/** `session.number`: what a sender chose at its start, and a count of its requests. */
const NONCE = /^([A-Za-z0-9_-]{16,64})\.(\d{1,15})$/;

interface Session {
  readonly window: ReplayWindow;
  heardAt: number;
}

/** Takes each nonce once, in bounded memory. */
export class NonceMemory {
  private readonly sessions = new Map<string, Session>();

  /**
   * @param sender who has signed the nonce; ask only after its signature was found good
   * @returns false where it was used before, is no nonce, or there are too many sessions
   */
  take(sender: string, nonce: string, now: number): boolean {
    const [, id, number] = NONCE.exec(nonce) ?? [];
    if (id === undefined || number === undefined) return false;
    const session = this.sessionOf(`${id} ${sender}`, now);
    if (session === undefined) return false;
    session.heardAt = now;
    return session.window.take(Number(number));
  }

  get size(): number {
    return this.sessions.size;
  }

  private sessionOf(key: string, now: number): Session | undefined {
    const known = this.sessions.get(key);
    if (known !== undefined) return known;
    if (this.sessions.size >= MAX_SESSIONS) this.forgetSilent(now);
    if (this.sessions.size >= MAX_SESSIONS) return undefined;
    const made = { window: new ReplayWindow(), heardAt: now };
    this.sessions.set(key, made);
    return made;
  }

  private forgetSilent(now: number): void {
    for (const [key, { heardAt }] of this.sessions) {
      if (now - heardAt > FORGET_AFTER_MS) this.sessions.delete(key);
    }
  }
}
