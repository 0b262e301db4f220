import type { Address } from '../protocol/address.js';
import type { Vacancy, VacancyAnswer } from '../protocol/verbs.js';
import type { Peers } from '../transport/port.js';
import type { Clock } from '../support/clock.js';
import type { Neighbour, Neighbours } from './neighbours.js';
import type { FailureSink, OwnMessages } from './offer-ports.js';
import type { Routes } from './routes.js';
import { WaitingLine } from './waiting-line.js';

/**
 * How long a place is kept for a store that was invited, ms. It comes within some round trips; for one
 * that does not the place must not stay empty.
 */
const KEPT_MS = 1_000;

/** Most services with a line: more than a mesh offers. */
const MAX_LINES = 10_000;

/** This store's own messages in its line. No neighbour has that key. */
const OWN = '';

const NOTHING: VacancyAnswer = { kind: 'invited', coming: 0, more: false };

/** The places of the consumers attached to this store. */
export interface Places {
  serves(service: string): boolean;
  /** Messages that the attached consumers of the service could be given now. */
  places(service: string): number;
  /** Least load among them, percent. */
  leastRoom(service: string): number;
}

/** What the vacancies work with. */
export interface VacancyParts {
  readonly places: Places;
  readonly own: OwnMessages;
  readonly routes: Routes;
  readonly neighbours: Neighbours;
  readonly peers: Peers;
  readonly failures: FailureSink;
}

/**
 * Who waits for room, service by service, and who is told when there is some: as many as there are
 * places, who came first at the head, each once until he asks again. Only stores that speak more than
 * version 3 can be told; a 3.0.5 store asks again by itself and takes whatever place is free.
 *
 * A store on the way does the same with those whom it refused, when it is told itself. This store's own
 * messages wait in the same line.
 */
export class Vacancies {
  private readonly lines = new Map<string, WaitingLine<Address>>();
  private readonly scheduled = new Set<string>();
  private closed = false;

  constructor(
    private readonly self: Address,
    private readonly around: VacancyParts,
    private readonly clock: Clock,
  ) {}

  /**
   * A neighbour offers a message to a consumer of this store, or through it.
   * @returns `free`: it may take a place; `kept`: one was kept for it; `taken`: what is free is kept for others
   */
  arrives(service: string, from: Neighbour | undefined): 'free' | 'kept' | 'taken' {
    const line = this.lines.get(service);
    if (line === undefined) return 'free';
    if (from !== undefined && line.take(from.key)) return 'kept';
    if (line.keptPlaces === 0) return 'free';
    const canWait = from !== undefined && this.canBeTold(from);
    return canWait && !this.isFree(service) ? 'taken' : 'free';
  }

  /** Whether this store's own messages may take one more place of its consumers; it counts as taken. */
  takesOwn(service: string): boolean {
    const line = this.lines.get(service);
    if (line === undefined || line.keptPlaces === 0 || line.take(OWN)) return true;
    return this.isFree(service);
  }

  /** A neighbour's offer was refused. @returns whether it will be told when there is room */
  refused(service: string, from: Neighbour | undefined, arrival: 'free' | 'kept' | 'taken'): boolean {
    if (from === undefined || !this.canBeTold(from)) return false;
    // There is room: the message itself was the reason. To tell the store so would begin an endless round.
    if (this.isFree(service)) return false;
    const line = this.lineFor(service);
    if (arrival === 'kept') line?.enterFirst(from.key, from.address);
    else line?.enter(from.key, from.address);
    return line !== undefined;
  }

  /** This store's own messages of the service wait for room. */
  waitsOwn(service: string): void {
    const line = this.lineFor(service);
    if (line === undefined) return;
    line.enter(OWN, this.self);
    if (line.release(OWN) > 0) this.roomFreed(service);
  }

  /** None of this store's own messages of the service waits any more. */
  leavesOwn(service: string): void {
    const line = this.lines.get(service);
    if (line === undefined) return;
    line.leave(OWN);
    if (line.release(OWN) > 0) this.roomFreed(service);
    this.tidy(service, line);
  }

  /** A consumer of this store has room for more. */
  roomFreed(service: string): void {
    if (this.closed || this.scheduled.has(service) || !this.lines.has(service)) return;
    this.scheduled.add(service);
    // Places that become free in one go are shared out together.
    this.clock.soon(() => {
      this.scheduled.delete(service);
      if (!this.closed) this.shareOut(service);
    });
  }

  /** A neighbour has room again: for this store's own messages, and for those whom it refused. */
  async told({ service, places, room, via }: Vacancy): Promise<VacancyAnswer> {
    await this.around.neighbours.recognise(via);
    const from = this.around.neighbours.findAny(via);
    if (from === undefined) return NOTHING;
    this.around.routes.noteVacancy(service, from.key, room);
    // Who has a consumer of his own passes nothing on (NODES.md).
    if (this.around.places.serves(service)) return NOTHING;
    const line = this.lines.get(service);
    if (line === undefined) return this.around.own.roomAt(service, from, places);
    if (!line.has(OWN)) this.around.own.roomAt(service, from, 0);
    let left = places;
    while (left > 0) {
      const answers = this.passOn(service, line, from, left, room);
      if (answers.length === 0) break;
      for (const { coming } of await Promise.all(answers)) left -= coming;
    }
    const more = line.length > 0;
    this.tidy(service, line);
    return { kind: 'invited', coming: places - Math.max(0, left), more };
  }

  close(): void {
    this.closed = true;
    for (const line of this.lines.values()) line.clear();
    this.lines.clear();
  }

  /** Gives the free places of this store's consumers to those who wait, who came first at the head. */
  private shareOut(service: string): void {
    const line = this.lines.get(service);
    if (line === undefined) return;
    const room = this.around.places.leastRoom(service);
    for (;;) {
      const free = this.around.places.places(service) - line.keptPlaces;
      if (free <= 0 || line.length === 0) break;
      const places = Math.ceil(free / line.length);
      const next = line.next();
      if (next === undefined) break;
      this.keep(service, line, next.key, places);
      if (next.key === OWN) this.around.own.roomHere(service);
      else
        void this.tell(service, line, next, places, room).then(() => {
          this.roomFreed(service);
        });
    }
    this.tidy(service, line);
  }

  /** One round of telling, by a store on the way. Who answers that nothing comes has left the line. */
  private passOn(
    service: string,
    line: WaitingLine<Address>,
    from: Neighbour,
    places: number,
    room: number,
  ): Promise<VacancyAnswer>[] {
    const answers: Promise<VacancyAnswer>[] = [];
    const waiting = line.length;
    for (let left = places; left > 0 && answers.length < waiting;) {
      const next = line.next(from.key);
      if (next === undefined) break;
      const share = Math.ceil(left / (waiting - answers.length));
      left -= share;
      if (next.key === OWN) {
        const answer = this.around.own.roomAt(service, from, share);
        if (answer.more && answer.coming > 0) line.enter(OWN, this.self);
        answers.push(Promise.resolve(answer));
      } else {
        this.keep(service, line, next.key, share);
        answers.push(this.tell(service, line, next, share, room));
      }
    }
    return answers;
  }

  private async tell(
    service: string,
    line: WaitingLine<Address>,
    { key, who }: { readonly key: string; readonly who: Address },
    places: number,
    room: number,
  ): Promise<VacancyAnswer> {
    const neighbour = this.around.neighbours.findAny(who);
    try {
      if (neighbour === undefined) return NOTHING;
      const vacancy: Vacancy = { verb: 'vacancy', service, places, room, via: this.self };
      const answer = await this.around.peers.call(neighbour.address, vacancy);
      const coming = Math.min(answer.coming, places);
      line.giveBack(key, places - coming);
      // The line may be another one by now; who has nothing to offer has left it.
      if (answer.more && coming > 0) this.lineFor(service)?.enter(key, who);
      return { ...answer, coming };
    } catch (error) {
      line.release(key);
      if (neighbour !== undefined) this.around.failures.neighbourFailed(neighbour, error);
      return NOTHING;
    } finally {
      if (neighbour === undefined) line.release(key);
    }
  }

  private keep(service: string, line: WaitingLine<Address>, key: string, places: number): void {
    const lapses = this.clock.after(KEPT_MS, () => {
      line.release(key);
      this.roomFreed(service);
    });
    line.keep(key, places, lapses);
  }

  /** Whether a consumer of this store has a place that is kept for nobody. */
  private isFree(service: string): boolean {
    return this.around.places.places(service) > (this.lines.get(service)?.keptPlaces ?? 0);
  }

  private canBeTold(neighbour: Neighbour): boolean {
    return this.around.peers.capabilities(neighbour.address) !== undefined;
  }

  /** The line of a service; undefined where there are too many: then nobody is promised anything. */
  private lineFor(service: string): WaitingLine<Address> | undefined {
    const known = this.lines.get(service);
    if (known !== undefined) return known;
    if (this.closed || this.lines.size >= MAX_LINES) return undefined;
    const made = new WaitingLine<Address>();
    this.lines.set(service, made);
    return made;
  }

  private tidy(service: string, line: WaitingLine<Address>): void {
    if (line.isEmpty && this.lines.get(service) === line) this.lines.delete(service);
  }
}
