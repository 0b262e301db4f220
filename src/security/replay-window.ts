/** Requests of one session that may overtake each other: they go over several connections. */
const WINDOW = 16_384;

const BITS_PER_WORD = 32;

/**
 * Remembers which numbers of a session have been used, in bounded memory: the last {@link WINDOW} one by
 * one, all earlier ones as used (RFC 4303, section 3.4.3).
 */
export class ReplayWindow {
  private highest = -1;
  private readonly used = new Uint32Array(WINDOW / BITS_PER_WORD);

  /** Takes a number once. @returns false where it was taken before, or is too old to tell. */
  take(number: number): boolean {
    if (number <= this.highest - WINDOW) return false;
    if (number > this.highest) this.advanceTo(number);
    else if (this.isUsed(number)) return false;
    this.mark(number, true);
    return true;
  }

  private advanceTo(number: number): void {
    const steps = Math.min(number - this.highest, WINDOW);
    for (let step = 1; step <= steps; step += 1) this.mark(number - step + 1, false);
    this.highest = number;
  }

  private isUsed(number: number): boolean {
    const { word, bit } = place(number);
    return ((this.used[word] ?? 0) & bit) !== 0;
  }

  private mark(number: number, used: boolean): void {
    const { word, bit } = place(number);
    const before = this.used[word] ?? 0;
    this.used[word] = used ? before | bit : before & ~bit;
  }
}

function place(number: number): { word: number; bit: number } {
  const slot = number % WINDOW;
  return { word: Math.floor(slot / BITS_PER_WORD), bit: 1 << (slot % BITS_PER_WORD) };
}
