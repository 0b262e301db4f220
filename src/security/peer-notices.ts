import type { RedlinkError } from '../support/errors.js';
import type { Log } from '../support/log.js';

/** Most things that are remembered as said: strangers must not fill the memory, nor the log. */
const MAX_REMEMBERED = 256;

/** A refusal is shown so long, ms: peers that are refused try again within 30 s. */
const SHOWN_MS = 60_000;

/** A peer that was refused, for people. */
export interface Refusal {
  readonly who: string;
  readonly error: RedlinkError;
}

/** Tells people of peers that do not fit: each thing once, not with each request. */
export class PeerNotices {
  private readonly said = new Set<string>();
  private latest: (Refusal & { readonly at: number }) | undefined;

  /** @param changed called when {@link shown} may have changed */
  constructor(
    private readonly log: Log,
    private readonly changed: () => void = () => undefined,
  ) {}

  /** @param who where it came from, as the network says @param now monotonic milliseconds */
  refused(who: string, error: RedlinkError, now: number): void {
    const isNew = this.latest?.who !== who || this.latest.error.code !== error.code;
    this.latest = { who, error, at: now };
    if (this.isFirst(`${who} ${error.code}`))
      this.log.warn(`refused ${who}: ${error.message} [${error.code}]`);
    if (isNew) this.changed();
  }

  /** A peer belongs after all: the next refusal of it is news again. */
  welcomed(who: string): void {
    if (this.said.size === 0) return;
    for (const entry of this.said) {
      if (entry.startsWith(`${who} `)) this.said.delete(entry);
    }
  }

  /** One of two stores lags behind in a change of keys. */
  formerKey(storeName: string): void {
    if (!this.isFirst(`key ${storeName}`)) return;
    this.log.warn(
      `the link to ${storeName} still uses the former mesh key: one of the two lacks the new one`,
    );
  }

  /** The last refusal, while it is fresh. */
  shown(now: number): Refusal | undefined {
    return this.latest !== undefined && now - this.latest.at < SHOWN_MS ? this.latest : undefined;
  }

  private isFirst(entry: string): boolean {
    if (this.said.has(entry)) return false;
    const [oldest] = this.said;
    if (this.said.size >= MAX_REMEMBERED && oldest !== undefined) this.said.delete(oldest);
    this.said.add(entry);
    return true;
  }
}
