/** How every Buffer begins in JSON text, and ends; between them its bytes as decimal numbers. */
export const BUFFER_BEGIN = '{"type":"Buffer","data":[';
export const BUFFER_END = ']}';

const COMMA = ','.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const TEN = 10;
const HUNDRED = 100;
const MAX_BYTE = 255;

/** Characters that a byte takes at most, its comma included. */
const MOST_CHARS = 4;

/** The digits of each byte, as characters: looked up, which is several times quicker than dividing. */
const HUNDREDS = Uint8Array.from(
  { length: MAX_BYTE + 1 },
  (_none, byte) => ZERO + Math.trunc(byte / HUNDRED),
);
const TENS = Uint8Array.from(HUNDREDS, (_none, byte) => ZERO + (Math.trunc(byte / TEN) % TEN));
const ONES = Uint8Array.from(HUNDREDS, (_none, byte) => ZERO + (byte % TEN));

/** Writes bytes as JSON does within an array, piece by piece: `1,2,255`. */
export class BytesAsNumbers {
  private begun = false;

  write(bytes: Uint8Array): Buffer {
    const text = Buffer.allocUnsafeSlow(MOST_CHARS * bytes.byteLength);
    let at = 0;
    for (let index = 0; index < bytes.byteLength; index++) {
      const byte = bytes[index] ?? 0;
      if (this.begun || index > 0) text[at++] = COMMA;
      if (byte >= HUNDRED) text[at++] = HUNDREDS[byte] ?? 0;
      if (byte >= TEN) text[at++] = TENS[byte] ?? 0;
      text[at++] = ONES[byte] ?? 0;
    }
    this.begun ||= bytes.byteLength > 0;
    return text.subarray(0, at);
  }
}

/** Number of decimal digits of a byte. */
export function digitsOf(byte: number): number {
  if (byte < TEN) return 1;
  return byte < HUNDRED ? 2 : 3;
}
