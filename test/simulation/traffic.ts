import type { Consumer } from '../../src/consumer/consumer.js';
import type { Producer } from '../../src/producer/producer.js';
import { makeConsumer, makeProducer, type ProducerOutput } from './flows.js';
import type { Ledger } from './ledger.js';
import { fingerprint, makePayload } from './payloads.js';
import type { Attached, Running } from './running-store.js';
import type { Sabotage } from './sabotage.js';
import type { ConsumerPlan, PayloadKind, ProducerPlan } from './scenario.js';
import type { SeededRandom } from './seeded-random.js';
import type { Trace } from './trace.js';
import type { Clock } from '../../src/support/clock.js';

/** What the flows of a simulation work with. */
export interface TrafficParts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly ledger: Ledger;
  readonly sabotage: Sabotage;
  /** Whether payloads arrive with what JSON does not say. */
  readonly exact: boolean;
}

/** The flows at both ends: they send, think and answer, and everything that they see goes into the book. */
export class Traffic {
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #trace: Trace;
  readonly #ledger: Ledger;
  readonly #sabotage: Sabotage;
  readonly #exact: boolean;
  #attachments = 0;
  #messages = 0;

  constructor(parts: TrafficParts) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#trace = parts.trace;
    this.#ledger = parts.ledger;
    this.#sabotage = parts.sabotage;
    this.#exact = parts.exact;
  }

  /** Attaches a consumer to its store. */
  attach(running: Running, plan: ConsumerPlan): void {
    this.#attachments += 1;
    const attachment = this.#attachments;
    const limit = this.#sabotage.limitOf?.(plan) ?? plan.inTransitLimit;
    const emit = (id: string, payload: unknown, isRepeat: boolean): void => {
      this.#delivered({ plan, attachment, consumer }, id, payload, isRepeat);
    };
    const consumer: Consumer = makeConsumer(
      plan,
      limit,
      running.clock,
      (id, payload, isRepeat) => {
        if (this.#sabotage.delivered === undefined) emit(id, payload, isRepeat);
        else
          this.#sabotage.delivered((value) => {
            emit(id, value, isRepeat);
          }, payload);
      },
      (id, code) => {
        this.#trace.note(plan.id, `failure ${code} of ${id ?? 'no message'}`);
      },
    );
    running.consumers.set(plan.id, { plan, attachment, consumer });
    consumer.attach(running.store);
  }

  /** A message came out of a consumer: its flow thinks, and answers in its manner. */
  #delivered(
    { plan, attachment, consumer }: Attached,
    id: string,
    payload: unknown,
    redelivered: boolean,
  ): void {
    const replies: string[] = [];
    this.#trace.note(plan.id, `receives ${id}`);
    this.#ledger.delivered(id, {
      atMs: this.#clock.now(),
      consumer: plan,
      attachment,
      payload: fingerprint(payload, this.#exact),
      redelivered,
      replies,
    });
    if (plan.manner === 'neverReplies') return;
    const [shortestMs, longestMs] = plan.thinkMs;
    const answer = (): void => void this.#reply(plan, consumer, id, replies);
    this.#clock.after(this.#random.between(shortestMs, longestMs), () => {
      answer();
      if (plan.manner !== 'repliesTwice') return;
      // A quick flow answers again while the first answer is still being taken over.
      if (longestMs === 0) answer();
      else this.#clock.after(this.#random.between(shortestMs, longestMs), answer);
    });
  }

  async #reply(plan: ConsumerPlan, consumer: Consumer, id: string, replies: string[]): Promise<void> {
    const answer = { from: plan.id, to: id, number: replies.length };
    this.#trace.note(plan.id, `replies to ${id}`);
    replies.push(fingerprint(answer, this.#exact));
    const withError = plan.manner === 'repliesWithError';
    const refused = await consumer.reply(
      id,
      withError ? 'beside the error' : answer,
      withError ? { value: answer } : undefined,
    );
    if (refused === undefined && answer.number > 0)
      this.#ledger.strange.push(`${plan.id} replied to ${id} twice, and was let`);
  }

  /** Gives a message of a producer to its store. @returns the id of the message. */
  async send(running: Running, plan: ProducerPlan, kind: PayloadKind): Promise<string> {
    this.#messages += 1;
    const id = `m${this.#messages}`;
    const payload = makePayload(kind, this.#messages);
    const preserved = { only: id };
    this.#ledger.accepted(
      id,
      plan,
      fingerprint(payload, this.#exact),
      fingerprint(preserved, this.#exact),
      this.#clock.now(),
    );
    await this.#producerOf(running, plan).send({
      messageId: id,
      message: { payload, redlinkMsgId: id },
      preserved,
      hasPreserved: true,
      service: plan.service,
      reversePath: plan.reversePath,
      correlationId: '',
    });
    this.#sabotage.accepted?.(running.store, running.clock, id);
    return id;
  }

  #producerOf(running: Running, plan: ProducerPlan): Producer {
    const known = running.producers.get(plan.id);
    if (known !== undefined) return known;
    const lifetimeMs = this.#sabotage.lifetimeOf?.(plan) ?? plan.lifetimeMs;
    const made = makeProducer(
      plan,
      lifetimeMs,
      running.clock,
      running.store,
      (output) => {
        this.#ended(plan, output);
      },
      (error) => {
        this.#ledger.strange.push(`${plan.id} is in trouble: ${String(error)}`);
      },
    );
    running.producers.set(plan.id, made);
    return made;
  }

  #ended(plan: ProducerPlan, { messageId, kind, value, preserved, read }: ProducerOutput): void {
    const content = kind === 'failure' ? String(value) : fingerprint(value, this.#exact);
    this.#trace.note(plan.id, `${kind} ${content} of ${messageId}`);
    this.#ledger.ended(messageId, plan, {
      kind,
      content,
      preserved: fingerprint(preserved, this.#exact),
      read,
      atMs: this.#clock.now(),
    });
  }
}
