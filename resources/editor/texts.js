/** Texts that the forms share, and the forms of some values as text. */
/** @returns a text that the forms share, in the user's language. */
export function text(key, values) {
  return RED._('node-red-contrib-redlink/redlink-store:redlink.' + key, values);
}

/** @returns a list of names as the text of a form field, and back. */
export const listToText = (list) => (Array.isArray(list) ? list.join(', ') : String(list ?? ''));
export const textToList = (list) => list.split(/[\s,]+/).filter(Boolean);

/** @returns `name(store)`, the store without its mesh; the bare name while no store is chosen. */
export function labelWithStore(name, meshAndStore) {
  const store = (meshAndStore ?? '').replace(/^[^:]*:/, '');
  return store ? name + '(' + store + ')' : name;
}
