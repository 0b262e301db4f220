const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const OPEN_BRACE = '{'.charCodeAt(0);
const CLOSE_BRACE = '}'.charCodeAt(0);
const OPEN_BRACKET = '['.charCodeAt(0);
const CLOSE_BRACKET = ']'.charCodeAt(0);

/**
 * Whether objects and arrays of a JSON text are nested deeper than `limit`. Looked up before the text
 * is parsed: parsing takes any depth, but what then walks the value (a clone, a debug output)
 * overflows its stack. Of a text that is not JSON it says nothing of use, and does no harm.
 */
export function isNestedDeeperThan(text: string, limit: number): boolean {
  // Each level takes two characters: a short text need not be looked at.
  if (text.length < 2 * limit) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfString(text, at + 1);
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
    else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--;
    if (depth > limit) return true;
  }
  return false;
}

/** Place of the quote that ends a string, or of the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
