import { serialise } from '../../src/payload/serialise.js';
import type { PayloadKind } from './scenario.js';

/** Codec characters over which a store of a simulation puts a payload aside (the default is 25,000). */
export const LARGE_THRESHOLD = 2_000;
/** Characters of a payload that lies well over the threshold. */
const LARGE_CHARACTERS = 3_000;

/** A payload of a kind; the number makes it one that no other message has, where its kind allows that. */
export function makePayload(kind: PayloadKind, number: number): unknown {
  switch (kind) {
    case 'object':
      return { number, nested: { list: [1, 'two', null], at: new Date(number) } };
    case 'text':
      return `text ${number} with a pair 😀`;
    case 'zero':
      return 0;
    case 'false':
      return false;
    case 'null':
      return null;
    case 'none':
      return undefined;
    case 'empty':
      return '';
    case 'buffer':
      return Buffer.from([number & 0xff, 0, 255]);
    case 'large':
      return `${number} `.padEnd(LARGE_CHARACTERS, 'x');
  }
}

/**
 * A value as text to compare: its JSON, and what JSON does not say.
 * @param exact false: as a 3.0.5 store would leave it, where Buffers and Dates have become what JSON makes of them.
 */
export function fingerprint(value: unknown, exact: boolean): string {
  const { text, restore } = serialise(value);
  return exact && restore !== undefined ? `${text} ${JSON.stringify(restore)}` : text;
}
