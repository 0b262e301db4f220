import { RedlinkError } from '../support/errors.js';

const UNIT_BYTES = 2;
const HIGH_SURROGATE_FIRST = 0xd800;
const HIGH_SURROGATE_LAST = 0xdbff;
const NOTHING = Buffer.alloc(0);

/**
 * UTF-16LE bytes to text as they come, keeping back half a unit and the first half of a surrogate pair.
 * Surrogates without their other half are kept; Node's `StringDecoder` does not manage tiny chunks.
 */
export class Utf16Reader {
  private rest: Buffer = NOTHING;

  read(chunk: Uint8Array): string {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    let whole = all.length - (all.length % UNIT_BYTES);
    if (whole > 0 && isHighSurrogate(all.readUInt16LE(whole - UNIT_BYTES))) whole -= UNIT_BYTES;
    // A copy: the giver may use its chunk again.
    this.rest = Buffer.from(all.subarray(whole));
    return all.toString('utf16le', 0, whole);
  }

  /** What is left at the end. @throws RedlinkError `BAD_REQUEST` where that is half a unit. */
  end(): string {
    if (this.rest.length % UNIT_BYTES !== 0) {
      throw new RedlinkError('BAD_REQUEST', 'A text in UTF-16 ends within a character');
    }
    return this.rest.toString('utf16le');
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= HIGH_SURROGATE_FIRST && unit <= HIGH_SURROGATE_LAST;
}
