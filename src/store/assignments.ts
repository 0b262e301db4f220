import type { Engine } from '../engine/engine.js';
import type { MessageRow } from '../engine/rows.js';
import type { OfferTerms } from '../protocol/verbs.js';
import type { Clock } from '../support/clock.js';
import type { Ids } from '../support/ids.js';
import type { Leases } from './leases.js';
import type { MessageCounters } from './message-counters.js';
import type { MessageViews } from './message-views.js';
import { OpenTerms } from './open-terms.js';

/** Who gets a message. */
export interface Receiver {
  readonly consumerId: string;
  readonly consumerStore: string;
}

/** What assignments are made with. */
export interface AssignmentParts {
  readonly engine: Engine;
  readonly counters: MessageCounters;
  readonly views: MessageViews;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Names this start of the store. */
  readonly bootId: string;
}

/** Gives the messages of a store to consumers, each assignment under a token of its own. */
export class Assignments {
  /** Of the offers that are under way. */
  readonly terms = new OpenTerms();
  /** Counts the terms that were made. */
  private counter = 0;

  constructor(private readonly parts: AssignmentParts) {}

  /** @returns the token that names the assignment */
  assign(row: MessageRow, to: Receiver & { readonly via: string }): string {
    const token = this.parts.ids.secret();
    this.assignAs(row, to, token);
    return token;
  }

  /** The consumer's store has the message. @param leased whether it renews the lease of this assignment */
  confirmed({ id }: MessageRow, token: string, leased: boolean): void {
    if (leased && this.parts.engine.messages.get(id)?.token === token) this.parts.leases.grant(id);
  }

  openTerms(row: MessageRow, via: string, carries: boolean): OfferTerms {
    const { ids, clock, views, bootId } = this.parts;
    const token = ids.secret();
    this.terms.open(row.id, { token, via });
    this.counter += 1;
    return {
      token,
      deadlineInMs: row.deadlineAt - clock.now(),
      turn: { bootId, counter: this.counter },
      message: carries ? views.enclosed(row) : undefined,
      asStream: views.needsStream(row) ? true : undefined,
    };
  }

  /**
   * A consumer has the message by the terms that it is offered under, and its store renews the lease.
   * @returns the message, whoever has it now
   */
  claim(messageId: string, token: string | undefined, to: Receiver): MessageRow | undefined {
    const row = this.parts.engine.messages.get(messageId);
    if (row?.state !== 'offering') return row;
    const term = this.terms.named(messageId, token);
    if (term === undefined) return row;
    this.assignAs(row, { ...to, via: term.via }, term.token);
    this.parts.leases.grant(messageId);
    return row;
  }

  private assignAs(row: MessageRow, to: Receiver & { readonly via: string }, token: string): void {
    const { engine, clock, counters } = this.parts;
    this.terms.close(row.id);
    engine.messages.assign(row.id, { ...to, notifiedEpochMs: clock.wall(), token });
    counters.move(row.producerId, 'queued', 'notified');
  }
}
