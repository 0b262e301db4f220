import type { Json } from './json.js';
import type { Exchange, Recording } from './recording.js';
import { storesIn } from './script.js';
import { translate } from './world.js';

/**
 * Who plays whose part. Which of two equally good stores gets a message is free (DEFECTS.md 14): where ours
 * asks another one than 3.0.5 did, that one plays the part of the recorded one for this message, and the
 * other way round. And a message that 3.0.5 never sent (DEFECTS.md 1) is treated like one that it did.
 */
export class Casting {
  readonly #swaps = new Map<string, ReadonlyMap<string, string>>();

  constructor(private readonly recording: Recording) {}

  /** From now on these two stores swap their parts for a message; the same store twice: each has its own part. */
  swap(messageId: string, one: string, other: string): void {
    const ones = this.#namesOf(one);
    const others = this.#namesOf(other);
    const pairs = ones.map((name, index): [string, string] => [name, others[index] ?? name]);
    this.#swaps.set(messageId, new Map([...pairs, ...pairs.map(([a, b]): [string, string] => [b, a])]));
  }

  /** What is about a message, with the parts swapped: from the play to the recording, or back. */
  recast<T extends Json>(messageId: string, value: T): T {
    const swap = this.#swaps.get(messageId);
    return swap === undefined ? value : translate(value, swap);
  }

  /** A recorded exchange as it would be with another message. */
  static withMessage(exchange: Exchange, recordedId: string, messageId: string): Exchange {
    const names = new Map([[recordedId, messageId]]);
    const { request, answer } = exchange;
    return {
      ...exchange,
      request: { ...request, body: translate(request.body, names) },
      answer: answer && {
        ...answer,
        headers: translate({ ...answer.headers }, names),
        body: translate(answer.body, names),
      },
    };
  }

  /** The short name of a store, its port, and the ids of the consumers beside it. */
  #namesOf(store: string): string[] {
    const { flows, stores } = this.recording;
    const port = stores.find(({ name }) => name.endsWith(`:${store}`))?.port ?? '';
    const process = Object.keys(flows).find((one) => storesIn(this.recording, one).has(store)) ?? '';
    const consumers = (flows[process] ?? []).filter(({ type }) => type === 'redlink consumer');
    return [store, port, ...consumers.map(({ id }) => id)];
  }
}
