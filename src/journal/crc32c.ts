/** The Castagnoli polynomial, bits reversed. Node.js has only the other CRC-32 (`zlib.crc32`). */
const POLYNOMIAL = 0x82f63b78;
const BYTE_VALUES = 256;
const BITS_PER_BYTE = 8;
const BYTE_MASK = 0xff;

const TABLE = Uint32Array.from({ length: BYTE_VALUES }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < BITS_PER_BYTE; bit++) {
    remainder = (remainder >>> 1) ^ ((remainder & 1) === 0 ? 0 : POLYNOMIAL);
  }
  return remainder;
});

/** CRC-32C of bytes (RFC 3720, B.4), as LevelDB uses it; 0 to 2^32 - 1. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = -1;
  for (const byte of bytes) {
    remainder = (TABLE[(remainder ^ byte) & BYTE_MASK] ?? 0) ^ (remainder >>> BITS_PER_BYTE);
  }
  return ~remainder >>> 0;
}
