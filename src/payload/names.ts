import type { PayloadSource } from '../protocol/payload-source.js';
import type { Ids } from '../support/ids.js';

/** What a kept payload is: never in the codec of version 3, which takes three times the place. */
export type KeptEncoding = Exclude<PayloadSource['encoding'], 'codec'>;

/** What names of kept payloads end in, by what is in them. */
const KEPT: Readonly<Record<KeptEncoding, string>> = { utf8: '.payload', parts: '.parts' };
/** What names end in while the payload is still being written. */
const PARTIAL = '.partial';

/** A name that was made here: a UUID and one of the endings, and so never a way to another folder. */
const OWN_NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(?:payload|parts|partial)$/;

/** A pair of names for a new payload: to be written to, and to be found by when it is whole. */
export function newNames(
  ids: Ids,
  encoding: KeptEncoding,
): { readonly kept: string; readonly partial: string } {
  const id = ids.next();
  return { kept: id + KEPT[encoding], partial: id + PARTIAL };
}

/** Whether a name was made here. Any other is left alone, whoever asks. */
export function isOwnName(name: string): boolean {
  return OWN_NAME.test(name);
}

/** What is in a payload, by its name: so whoever keeps the name keeps that too. */
export function encodingOf(name: string): KeptEncoding {
  return name.endsWith(KEPT.parts) ? 'parts' : 'utf8';
}
