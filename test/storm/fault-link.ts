/** The way from one store to another, as a storm spoils it: connections hang, break, lose their answers, or are late. */
import type { Socket } from 'node:net';
import type { SeededRandom } from '../simulation/seeded-random.js';

/** What is the matter with a way. Requests go forth on it, and their answers come back. */
export type Fault =
  /** Nothing gets through, and nobody is told. Afterwards what was sent arrives after all, or the connections are found dead. */
  | { readonly kind: 'hangs'; readonly then: 'goesOn' | 'isDead' }
  /** Every connection breaks at once, old and new. */
  | { readonly kind: 'refuses' }
  /** Requests arrive, no answer does: the asker must ask again, so that the asked gets them twice. */
  | { readonly kind: 'losesAnswers' }
  /** The connection breaks when so many bytes of answers have come: in the midst of a handshake or of an answer. */
  | { readonly kind: 'cutsAnswers'; readonly afterBytes: number }
  /** Each connection is late by a time of its own, so that requests overtake each other. */
  | { readonly kind: 'delays'; readonly upToMs: number };

type Direction = 'forth' | 'back';

/** Bytes on their way through the proxy in one direction of one connection. */
interface Lane {
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: Direction;
  /** Nothing may arrive before what was sent earlier, ms. */
  lastDueAt: number;
  delayMs: number;
  /** Bytes that came through since the fault began. */
  passed: number;
  /** It has ended, and the other side has not been told. */
  endWaits: boolean;
}

export class FaultLink {
  /** Connections that were broken or found dead by its faults. */
  broken = 0;
  private fault: Fault | undefined;
  private readonly lanes = new Set<Lane>();

  constructor(private readonly random: SeededRandom) {}

  /** @param asking the end at the store that asks */
  join(asking: Socket, asked: Socket): void {
    if (this.fault?.kind === 'refuses') {
      this.breakOff(asking, asked);
      return;
    }
    this.lead(asking, asked, 'forth');
    this.lead(asked, asking, 'back');
  }

  begin(fault: Fault): void {
    this.heal();
    this.fault = fault;
    for (const lane of this.lanes) {
      this.spoil(lane);
      if (fault.kind === 'refuses') this.breakOff(lane.from, lane.to);
    }
  }

  heal(): void {
    const { fault } = this;
    this.fault = undefined;
    for (const lane of this.lanes) {
      lane.delayMs = 0;
      if (fault?.kind === 'losesAnswers' || (fault?.kind === 'hangs' && fault.then === 'isDead')) {
        this.breakOff(lane.from, lane.to);
      } else if (lane.endWaits) {
        this.lanes.delete(lane);
        lane.to.destroy();
      } else {
        lane.from.resume();
      }
    }
  }

  private lead(from: Socket, to: Socket, direction: Direction): void {
    const lane: Lane = { from, to, direction, lastDueAt: 0, delayMs: 0, passed: 0, endWaits: false };
    this.lanes.add(lane);
    from.on('data', (bytes: Buffer) => {
      this.carry(lane, bytes);
    });
    from.on('error', () => undefined);
    from.once('close', () => {
      if (this.holds(direction)) {
        lane.endWaits = true;
        return;
      }
      this.lanes.delete(lane);
      this.later(lane, () => to.destroy());
    });
    this.spoil(lane);
  }

  /** Does to a lane what the fault of the moment does from its beginning. */
  private spoil(lane: Lane): void {
    lane.passed = 0;
    if (this.fault?.kind === 'delays') lane.delayMs = this.random.between(0, this.fault.upToMs);
    if (this.holds(lane.direction)) lane.from.pause();
  }

  /** Whether nothing comes through in a direction. */
  private holds(direction: Direction): boolean {
    const kind = this.fault?.kind;
    return kind === 'hangs' || (kind === 'losesAnswers' && direction === 'back');
  }

  private carry(lane: Lane, bytes: Buffer): void {
    lane.passed += bytes.length;
    if (this.fault?.kind === 'cutsAnswers' && lane.direction === 'back') {
      const more = this.fault.afterBytes - (lane.passed - bytes.length);
      if (more < bytes.length) {
        lane.to.write(bytes.subarray(0, Math.max(0, more)), () => {
          this.breakOff(lane.from, lane.to);
        });
        return;
      }
    }
    this.later(lane, () => {
      lane.to.write(bytes);
    });
  }

  /** When it is due on this lane: at once, where nothing is late. */
  private later(lane: Lane, what: () => void): void {
    const now = performance.now();
    const dueAt = Math.max(now + lane.delayMs, lane.lastDueAt);
    lane.lastDueAt = dueAt;
    if (dueAt <= now) what();
    else setTimeout(what, dueAt - now);
  }

  private breakOff(one: Socket, other: Socket): void {
    if (!one.destroyed || !other.destroyed) this.broken += 1;
    for (const lane of this.lanes) if (lane.from === one || lane.from === other) this.lanes.delete(lane);
    one.resetAndDestroy();
    other.resetAndDestroy();
  }
}
