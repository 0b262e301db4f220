import type { Json, JsonObject } from './json.js';
import { isObject, property } from './json.js';
import type { Answer, Kind } from './recording.js';

/**
 * What of a request or an answer is contract and so compared. WIRE.md leaves out `action` texts and the
 * headers below; bodies in codec form are compared as what they stand for (`compare.ts`).
 */

/** Headers that carry the bytes and say nothing. */
const TRANSPORT_HEADERS =
  /^(x-powered-by|etag|connection|keep-alive|date|content-.*|transfer-encoding|vary)$/;

/** Where a store of version 4 says what more it speaks; older stores ignore it (DESIGN.md, "Routes"). */
const EXTENSION = 'redlink';

export function requestView(kind: Kind, body: Json): Json {
  return kind === 'announce' ? without(body, EXTENSION) : body;
}

export function answerView(kind: Kind, answer: Answer): JsonObject {
  const body = without(answer.body, 'action');
  return {
    status: answer.status,
    headers: Object.fromEntries(
      Object.entries(answer.headers).filter(([name]) => kind === 'read' && !TRANSPORT_HEADERS.test(name)),
    ),
    body: kind === 'announce' ? without(body, EXTENSION) : body,
  };
}

/**
 * A registration as it is refreshed after 30 s: without the load and with the port as text (`registration.json`,
 * exchanges 18 and 19). Stores send it whenever the time has come, so it may be added to every recording.
 */
export function refreshedView(body: Json): Json {
  const consumer = property(body, 'consumer');
  if (!isObject(body) || !isObject(consumer)) {
    return body;
  }
  const news = ['ecm', 'erm', 'enm'].reduce<Json>(without, consumer);
  return {
    ...body,
    consumer: { ...(isObject(news) ? news : {}), storePort: JSON.stringify(consumer['storePort']) },
  };
}

function without(value: Json, key: string): Json {
  return isObject(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) : value;
}
