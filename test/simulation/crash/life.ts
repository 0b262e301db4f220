import type {
  Journal,
  JournalOpening,
  JournalRecord,
  JournalWrite,
  RecordKind,
} from '../../../src/journal/port.js';
import type { Address } from '../../../src/protocol/address.js';
import type { AnswerTo, Capabilities, Verb } from '../../../src/protocol/verbs.js';
import type { Answerer, Peers, Sender, ToldOfCut } from '../../../src/transport/port.js';
import { recordNameOf, type Point } from './points.js';

/** What a process that has died waits for. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** One life of a store's process: from a start to a death at one of the named points, or to the end. */
export class Life {
  #alive = true;

  /** @param reached told of each point; the process may die in it */
  constructor(private readonly reached: (point: Point, life: Life) => void) {}

  get alive(): boolean {
    return this.#alive;
  }

  /** The process is at a point, or at none that has a name. @returns whether it goes on from there */
  reach(point: Point | undefined): boolean {
    if (this.#alive && point !== undefined) this.reached(point, this);
    return this.#alive;
  }

  end(): void {
    this.#alive = false;
  }

  /** Does something unless the process dies before it or with it: then whoever waits for it waits for ever. */
  async around<T>(before: Point | undefined, after: Point | undefined, work: () => Promise<T>): Promise<T> {
    if (!this.reach(before)) return never();
    try {
      const result = await work();
      return this.reach(after) ? result : await never();
    } catch (error) {
      if (!this.reach(undefined)) return never();
      throw error;
    }
  }
}

/** A journal whose process may die before and after each record. */
export class MortalJournal implements Journal {
  readonly level = 'power-safe';

  constructor(
    private readonly inner: Journal,
    private readonly life: Life,
  ) {}

  open(): Promise<JournalOpening> {
    return this.inner.open();
  }

  read(kind: RecordKind): AsyncIterable<JournalRecord> {
    return this.inner.read(kind);
  }

  write(writes: readonly JournalWrite[]): Promise<void> {
    const name = recordNameOf(writes);
    return this.life.around(
      name === undefined ? undefined : `before ${name} is written`,
      name === undefined ? undefined : `${name} is written`,
      () => this.inner.write(writes),
    );
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** Other stores, as a process that may die before and after each call reaches them. */
export class MortalPeers implements Peers {
  constructor(
    private readonly inner: Peers,
    private readonly life: Life,
  ) {}

  call<V extends Verb>(to: Address, verb: V): Promise<AnswerTo[V['verb']]> {
    const name: Verb['verb'] = verb.verb;
    return this.life.around(`before asking ${name}`, `answer to ${name}`, () => this.inner.call(to, verb));
  }

  capabilities(to: Address): Capabilities | undefined {
    return this.inner.capabilities(to);
  }

  onCut(told: ToldOfCut): void {
    this.inner.onCut?.((to) => {
      if (this.life.alive) told(to);
    });
  }
}

/** A store, as others ask it whose process may die on each question. */
export class MortalAnswerer implements Answerer {
  constructor(
    private readonly inner: Answerer,
    private readonly life: Life,
  ) {}

  get capabilities(): Capabilities {
    return this.inner.capabilities;
  }

  answer<V extends Verb>(verb: V, sender: Sender): Promise<AnswerTo[V['verb']]> {
    const name: Verb['verb'] = verb.verb;
    return this.life.around(`asked ${name}`, `did ${name}`, () => this.inner.answer(verb, sender));
  }
}
