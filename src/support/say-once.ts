import type { Clock } from './clock.js';
import type { Log } from './log.js';

/** How long the same thing is only counted before it is said again, ms: an hour. */
const HOUR_MS = 3_600_000;

/** Most different things that are remembered; the one said longest ago is forgotten first. */
const MAX_REMEMBERED = 256;

interface Said {
  readonly at: number;
  /** How often it has happened since. */
  since: number;
}

/**
 * Says a thing once and counts it from then on, so that a peer that repeats its mistakes a thousand
 * times a second fills no log. Later it is said again, with the count.
 */
export class SayOnce {
  private readonly said = new Map<string, Said>();

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
    /** How long a thing is only counted before it is said again, ms. */
    private readonly againAfterMs = HOUR_MS,
  ) {}

  /** @param key what makes two things the same: what was wrong, and with whom */
  warn(key: string, text: string): void {
    const now = this.clock.now();
    const known = this.said.get(key);
    if (known !== undefined && now - known.at < this.againAfterMs) {
      known.since += 1;
      return;
    }
    const before =
      known === undefined || known.since === 0 ? '' : ` (and ${known.since} times since last said)`;
    this.log.warn(`${text}${before}`);
    this.said.delete(key);
    this.said.set(key, { at: now, since: 0 });
    const [oldest] = this.said.keys();
    if (this.said.size > MAX_REMEMBERED && oldest !== undefined) this.said.delete(oldest);
  }
}
