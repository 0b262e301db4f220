import type { Timer } from '../support/clock.js';

/** Places that are kept for somebody who was told of them. */
interface Invitation {
  places: number;
  readonly lapses: Timer;
}

/**
 * Those who wait for room of one service, who came first at the head, and the places that are kept for
 * those who were invited. A place is kept only for a while: nobody who is gone holds up the others.
 */
export class WaitingLine<Who> {
  private waiting = new Map<string, Who>();
  private readonly invited = new Map<string, Invitation>();
  private kept = 0;

  /** How many wait. */
  get length(): number {
    return this.waiting.size;
  }

  /** Places kept for those who were invited. */
  get keptPlaces(): number {
    return this.kept;
  }

  get isEmpty(): boolean {
    return this.waiting.size === 0 && this.invited.size === 0;
  }

  has(key: string): boolean {
    return this.waiting.has(key);
  }

  /** At the end; who waits already keeps his place. */
  enter(key: string, who: Who): void {
    if (!this.waiting.has(key)) this.waiting.set(key, who);
  }

  /** At the head: somebody who was invited and found the place taken. */
  enterFirst(key: string, who: Who): void {
    this.waiting.delete(key);
    this.waiting = new Map([[key, who], ...this.waiting]);
  }

  leave(key: string): void {
    this.waiting.delete(key);
  }

  /** Takes the next out of the line, passing over `except`. */
  next(except?: string): { readonly key: string; readonly who: Who } | undefined {
    for (const [key, who] of this.waiting) {
      if (key === except) continue;
      this.waiting.delete(key);
      return { key, who };
    }
    return undefined;
  }

  /** Keeps places for somebody, besides those that are kept for him already. */
  keep(key: string, places: number, lapses: Timer): void {
    const before = this.release(key);
    this.invited.set(key, { places: before + places, lapses });
    this.kept += before + places;
  }

  /** Somebody takes a place. @returns whether one was kept for him */
  take(key: string): boolean {
    if (!this.invited.has(key)) return false;
    this.giveBack(key, 1);
    return true;
  }

  /** Some of the places kept for somebody are not needed. */
  giveBack(key: string, places: number): void {
    const invitation = this.invited.get(key);
    if (invitation === undefined) return;
    const given = Math.min(places, invitation.places);
    invitation.places -= given;
    this.kept -= given;
    if (invitation.places === 0) this.release(key);
  }

  /** Keeps nothing for him any more. @returns how many places were kept */
  release(key: string): number {
    const invitation = this.invited.get(key);
    if (invitation === undefined) return 0;
    invitation.lapses.cancel();
    this.invited.delete(key);
    this.kept -= invitation.places;
    return invitation.places;
  }

  clear(): void {
    this.waiting.clear();
    for (const key of [...this.invited.keys()]) this.release(key);
  }
}
