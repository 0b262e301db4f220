import { certainlyEncoded, encodeText } from './codec.js';
import { isObject, type Json, type JsonObject, textOf } from './json.js';

/** The mesh name that every recording uses. */
const RECORDED_MESH = 'mesh0';

/**
 * Translates between the world of a recording and the world in which it is played: ports, node ids, message
 * ids and the mesh name differ, everything else is the same. Values in codec form are translated inside.
 * Scenes run side by side in one Node-RED, so each has its own tag in its names.
 */
export class World {
  readonly #toOurs = new Map<string, string>();
  readonly #toRecorded = new Map<string, string>();
  readonly #unmarked = new Map<string, JsonObject>();

  /** @param tag letters and digits that no other scene uses. */
  constructor(readonly tag: string) {
    this.#bind(RECORDED_MESH, `${RECORDED_MESH}${tag}`);
  }

  bindPort(recorded: string, ours: number): void {
    this.#bind(recorded, String(ours));
  }

  bindNode(recordedId: string): void {
    this.#bind(recordedId, `${recordedId}-${this.tag}`);
  }

  /**
   * A message goes into one of our producers, which marks the very object with the id that it gives: from then
   * on both ids mean the same.
   */
  follow(recordedId: string, msg: JsonObject): void {
    this.#unmarked.set(recordedId, msg);
  }

  toOurs<T extends Json>(value: T): T;
  toOurs(value: Json): Json {
    this.#bindMessages();
    return translate(value, this.#toOurs);
  }

  toRecorded<T extends Json>(value: T): T;
  toRecorded(value: Json): Json {
    this.#bindMessages();
    return translate(value, this.#toRecorded);
  }

  #bindMessages(): void {
    for (const [recordedId, msg] of this.#unmarked) {
      const id = textOf(msg, 'redlinkMsgId');
      if (id !== '') {
        this.#bind(recordedId, id);
        this.#unmarked.delete(recordedId);
      }
    }
  }

  #bind(recorded: string, ours: string): void {
    this.#toOurs.set(recorded, ours);
    this.#toRecorded.set(ours, recorded);
  }
}

/** A value with other names in it, inside what is in codec form too. */
export function translate<T extends Json>(value: T, names: ReadonlyMap<string, string>): T;
export function translate(value: Json, names: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') {
    const encoded = certainlyEncoded(value);
    return encoded === undefined ? translateText(value, names) : encodeText(translate(encoded.value, names));
  }
  if (typeof value === 'number') {
    const port = names.get(String(value));
    return port === undefined ? value : Number(port);
  }
  if (Array.isArray(value)) {
    return value.map((item) => translate(item, names));
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, translate(item, names)]))
    : value;
}

/** Whole words only: `S1` is no part of `S10`, and an id inside a longer text is found too. */
function translateText(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/[A-Za-z0-9_]+(?:-[A-Za-z0-9]+)*/g, (word) => names.get(word) ?? word);
}
