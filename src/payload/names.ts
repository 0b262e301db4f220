import type { Ids } from '../support/ids.js';

/** What names of kept payloads end in. */
const KEPT = '.payload';
/** What names end in while the payload is still being written. */
const PARTIAL = '.partial';

/** A name that was made here: a UUID and one of the two endings, and so never a way to another folder. */
const OWN_NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(?:payload|partial)$/;

/** A pair of names for a new payload: to be written to, and to be found by when it is whole. */
export function newNames(ids: Ids): { readonly kept: string; readonly partial: string } {
  const id = ids.next();
  return { kept: id + KEPT, partial: id + PARTIAL };
}

/** Whether a name was made here. Any other is left alone, whoever asks. */
export function isOwnName(name: string): boolean {
  return OWN_NAME.test(name);
}
