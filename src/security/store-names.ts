/** What a store's name (`mesh:store`) says, and which names of a certificate stand for it. */

/** The mesh part of `mesh:store`. */
export function meshOf(storeName: string): string {
  const colon = storeName.indexOf(':');
  return colon < 0 ? '' : storeName.slice(0, colon);
}

/**
 * Whether a certificate's subject alternative names say that it belongs to a store: a DNS name that is the
 * store's name with or without its mesh, or a URI `redlink:mesh:store`.
 * @param alternativeNames as Node gives them: `DNS:one, URI:redlink:mesh0:one`
 */
export function certificateNames(alternativeNames: string | undefined, storeName: string): boolean {
  const bare = storeName.slice(meshOf(storeName).length + 1);
  const good = new Set([`DNS:${storeName}`, `DNS:${bare}`, `URI:redlink:${storeName}`].map(lower));
  return entriesOf(alternativeNames ?? '').some((entry) => good.has(lower(entry)));
}

/** One entry: `TYPE:value`, the value as a JSON string where it has characters that could be mistaken. */
const ENTRY = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:,\s*|$)/y;

/** Entry by entry from the start, so that the text of one is never taken for another (CVE-2021-44532). */
function entriesOf(names: string): string[] {
  const found: string[] = [];
  for (const [, type = '', value = ''] of names.matchAll(new RegExp(ENTRY, 'gy'))) {
    found.push(`${type}:${value.startsWith('"') ? unquoted(value) : value}`);
  }
  return found;
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return ''; // No name at all.
  }
}

function lower(text: string): string {
  return text.toLowerCase();
}
