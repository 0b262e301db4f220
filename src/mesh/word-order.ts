import type { Turn } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';

/**
 * How long a word may be under way behind one that was said later, ms: far longer than the 5 s after which the call that
 * carries it has failed.
 */
const OVERTAKEN_FOR_MS = 60_000;

/** Most consumers of one link whose last word is remembered; the one that was silent longest is forgotten first. */
export const MAX_REMEMBERED_PER_LINK = 20_000;

interface Heard {
  readonly turn: Turn;
  readonly at: number;
}

/** Tells which words of a neighbour have been overtaken by later ones: several about one consumer may be under way. */
export class WordOrder {
  /** Link → consumer → its last word, the one that was silent longest first. */
  private readonly links = new Map<string, Map<string, Heard>>();

  constructor(private readonly clock: Clock) {}

  /**
   * Whether a word comes after all that the neighbour has said of the consumer; it is remembered then. Where the
   * neighbour counts from a new start, or not at all, it does.
   */
  isNext(link: string, consumerKey: string, turn: Turn | undefined): boolean {
    if (turn === undefined) return true;
    const heard = this.of(link);
    const last = heard.get(consumerKey)?.turn;
    if (last?.bootId === turn.bootId && turn.counter <= last.counter) return false;
    heard.delete(consumerKey);
    heard.set(consumerKey, { turn, at: this.clock.now() });
    if (heard.size > MAX_REMEMBERED_PER_LINK) {
      const [oldest] = heard.keys();
      if (oldest !== undefined) heard.delete(oldest);
    }
    return true;
  }

  /** Forgets what no word can come after any more. */
  sweep(): void {
    const before = this.clock.now() - OVERTAKEN_FOR_MS;
    for (const [link, heard] of this.links) {
      for (const [key, { at }] of heard) {
        if (at > before) break;
        heard.delete(key);
      }
      if (heard.size === 0) this.links.delete(link);
    }
  }

  /** Consumers whose last word is remembered, over all links. */
  get size(): number {
    return [...this.links.values()].reduce((sum, heard) => sum + heard.size, 0);
  }

  private of(link: string): Map<string, Heard> {
    const known = this.links.get(link);
    if (known !== undefined) return known;
    const made = new Map<string, Heard>();
    this.links.set(link, made);
    return made;
  }
}
