import { type Json, parseJson } from './json.js';

/** Small changes that a recorded request or answer needs to be sent today. */

/** Seconds that a registration lives (WIRE.md 3). */
const REGISTRATION_LIFETIME_S = 120;

const MS_PER_SECOND = 1_000;

/** With a new expiry, since the recorded one has passed long ago. */
export function withFreshExpiry(body: Json): Json {
  const text = JSON.stringify(body, (key, value: unknown) =>
    key === 'ttl' ? Math.floor(Date.now() / MS_PER_SECOND) + REGISTRATION_LIFETIME_S : value,
  );
  return parseJson(text);
}

/** Without the headers that depend on the length of the body: it changes with the ids and ports in it. */
export function withoutLength(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(content-length|etag)$/.test(name)),
  );
}
