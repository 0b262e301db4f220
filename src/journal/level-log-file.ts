import { crc32c } from './crc32c.js';

/**
 * LevelDB's log files, read for damage. A file is a row of blocks, a block a row of pieces; a record is
 * one piece or several (LevelDB, doc/log_format.md).
 */
const BLOCK_BYTES = 32_768;
/** Checksum (4, little endian), length (2, little endian), type (1). */
const HEADER_BYTES = 7;
const LENGTH_AT = 4;
const TYPE_AT = 6;

const WHOLE = 1;
const FIRST = 2;
const LAST = 4;

/** LevelDB turns its checksums and adds a number, so that checksums of checksums keep their worth. */
const MASK_SHIFT = 15;
const MASK_DELTA = 0xa282ead8;
const WORD_BITS = 32;

/** What a disk writes at once. After a power cut one that was not written yet reads as zeros. */
const SECTOR_BYTES = 512;

/** What a log file holds. */
export interface LogContents {
  /** The whole records before the first fault. */
  readonly records: readonly Uint8Array[];
  /**
   * What the file has in the end. `cut`: something not whole with nothing after it, or sectors never
   * written: what a process or a machine leaves that dies while it writes. `damaged`: something
   * that is not what was written, with more after it.
   */
  readonly ending: 'whole' | 'cut' | 'damaged';
  /** Bytes before the first fault. */
  readonly soundBytes: number;
}

interface Piece {
  readonly type: number;
  readonly data: Uint8Array;
  /** Where the next piece begins. */
  readonly end: number;
}

/** Reads a log file as LevelDB would, up to the first fault, and judges that. */
export function readLog(file: Uint8Array): LogContents {
  const records: Uint8Array[] = [];
  let pieces: Uint8Array[] = [];
  let at = 0;
  while (at < file.length) {
    const blockEnd = Math.min(file.length, at - (at % BLOCK_BYTES) + BLOCK_BYTES);
    if (blockEnd - at < HEADER_BYTES && blockEnd % BLOCK_BYTES === 0) {
      at = blockEnd;
      continue;
    }
    const piece = pieceAt(file, at, blockEnd);
    if (piece === undefined) return { records, ending: judge(file, at, blockEnd), soundBytes: at };
    if (piece.type === WHOLE || piece.type === FIRST) pieces = [];
    pieces.push(piece.data);
    if (piece.type === WHOLE || piece.type === LAST) records.push(Buffer.concat(pieces));
    at = piece.end;
  }
  return { records, ending: 'whole', soundBytes: file.length };
}

/** The piece at a place; undefined where there is no whole one. */
function pieceAt(file: Uint8Array, at: number, blockEnd: number): Piece | undefined {
  if (at + HEADER_BYTES > blockEnd) return undefined;
  const view = new DataView(file.buffer, file.byteOffset + at, HEADER_BYTES);
  const type = view.getUint8(TYPE_AT);
  const end = at + HEADER_BYTES + view.getUint16(LENGTH_AT, true);
  if (type < WHOLE || type > LAST || end > blockEnd) return undefined;
  const checksum = crc32c(file.subarray(at + TYPE_AT, end));
  if (view.getUint32(0, true) !== masked(checksum)) return undefined;
  return { type, data: file.subarray(at + HEADER_BYTES, end), end };
}

function masked(checksum: number): number {
  const turned = (checksum >>> MASK_SHIFT) | (checksum << (WORD_BITS - MASK_SHIFT));
  return (turned + MASK_DELTA) >>> 0;
}

/** Tells what a death while writing leaves from what must have happened later. */
function judge(file: Uint8Array, at: number, blockEnd: number): 'cut' | 'damaged' {
  if (hasUnwrittenSector(file, at, blockEnd)) return 'cut';
  return hasPieceAfter(file, at + 1, blockEnd) ? 'damaged' : 'cut';
}

/** JSON text holds no zeros, and no number in LevelDB's logs is so long. */
function hasUnwrittenSector(file: Uint8Array, from: number, to: number): boolean {
  for (let start = Math.ceil(from / SECTOR_BYTES) * SECTOR_BYTES; start < to; start += SECTOR_BYTES) {
    if (file.subarray(start, Math.min(start + SECTOR_BYTES, to)).every((byte) => byte === 0)) return true;
  }
  return false;
}

/**
 * Looks at every place of the block, because a damaged length does not say where the next piece begins;
 * every later block begins with one.
 */
function hasPieceAfter(file: Uint8Array, from: number, blockEnd: number): boolean {
  for (let at = from; at < blockEnd; at++) {
    if (pieceAt(file, at, blockEnd) !== undefined) return true;
  }
  for (let at = blockEnd; at < file.length; at += BLOCK_BYTES) {
    if (pieceAt(file, at, Math.min(file.length, at + BLOCK_BYTES)) !== undefined) return true;
  }
  return false;
}
