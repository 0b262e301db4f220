/** Characters that are turned into bytes at a time: a large text must not be in memory twice. */
const PIECE_CHARS = 65_536;

const HIGH_SURROGATE_FIRST = 0xd800;
const HIGH_SURROGATE_LAST = 0xdbff;

/** A text piece by piece, none of which ends between the two halves of a surrogate pair. */
export function* textPieces(text: string): Generator<string, void, void> {
  for (let start = 0; start < text.length;) {
    const end = pieceEnd(text, start);
    yield text.slice(start, end);
    start = end;
  }
}

/** Where a piece of the text ends: the two halves of a surrogate pair are one character in UTF-8. */
function pieceEnd(text: string, start: number): number {
  const end = start + PIECE_CHARS;
  if (end >= text.length) return text.length;
  const last = text.charCodeAt(end - 1);
  return last >= HIGH_SURROGATE_FIRST && last <= HIGH_SURROGATE_LAST ? end - 1 : end;
}
