const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const COLON = ':'.charCodeAt(0);
const OPEN_BRACE = '{'.charCodeAt(0);
const CLOSE_BRACE = '}'.charCodeAt(0);
const OPEN_BRACKET = '['.charCodeAt(0);
const CLOSE_BRACKET = ']'.charCodeAt(0);

/** How much of a JSON text is too much. */
export interface JsonBounds {
  /** Nested arrays and objects. */
  readonly depth: number;
  /** Arrays in all. */
  readonly arrays: number;
  /** Objects and their fields in all. */
  readonly fields: number;
}

/**
 * Whether objects and arrays of a JSON text are nested deeper than `limit`. Looked up before the text
 * is parsed: parsing takes any depth, but what then walks the value (a clone, a debug output)
 * overflows its stack. Of a text that is not JSON it says nothing of use, and does no harm.
 */
export function isNestedDeeperThan(text: string, limit: number): boolean {
  return exceeds(text, { depth: limit, arrays: Infinity, fields: Infinity });
}

/** Whether a JSON text goes beyond one of the bounds: all that takes long to parse is made of many small things. */
export function exceeds(text: string, bounds: JsonBounds): boolean {
  // Each level, each array and each field takes two characters: a short text need not be looked at.
  if (text.length < 2 * Math.min(bounds.depth, bounds.arrays, bounds.fields)) return false;
  let depth = 0;
  let arrays = 0;
  let fields = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at + 1);
        break;
      case OPEN_BRACE:
        depth++;
        fields++;
        break;
      case OPEN_BRACKET:
        depth++;
        arrays++;
        break;
      case COLON:
        fields++;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
    }
    if (depth > bounds.depth || arrays > bounds.arrays || fields > bounds.fields) return true;
  }
  return false;
}

/** Place of the quote that ends a string, or of the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
