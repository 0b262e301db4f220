import type { Consumer } from '../../../src/consumer/consumer.js';
import { RedlinkError } from '../../../src/support/errors.js';
import { makeConsumer, makeProducer, type ProducerOutput } from '../flows.js';
import { fingerprint, makePayload } from '../payloads.js';
import type { ConsumerPlan, Index, ProducerPlan } from '../scenario.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Trace } from '../trace.js';
import type { VirtualClock } from '../virtual-clock.js';
import type { CrashDisk } from './disk.js';
import type { CrashPlan } from './plan.js';
import type { CrashSabotage } from './sabotage.js';
import { type End, isAt, type Story } from './story.js';
import type { Living } from './world.js';

/**
 * An end that came no longer before the death than this may come again, ms: the disk takes so long at most.
 * Where it was full a second more, and a second until it is tried again.
 */
const END_IS_SURE_AFTER_MS = 1_500;

/** The flows at both ends, and their own book on every message. */
export class Flows {
  readonly stories = new Map<string, Story>();
  /** What fits no message: each is a violation. */
  readonly strange: string[] = [];

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: SeededRandom,
    private readonly trace: Trace,
    private readonly sabotage: CrashSabotage,
  ) {}

  takenOff(id: string): void {
    const story = this.stories.get(id);
    if (story !== undefined) story.takenOff = true;
  }

  /** A process has died, its disk being as it is now. */
  died(store: Index, plan: CrashPlan, disk: CrashDisk, power: boolean): void {
    const services = plan.consumers.filter((consumer) => consumer.store === store);
    const now = this.clock.now();
    const window = disk.wellForMs < 2 * END_IS_SURE_AFTER_MS ? Infinity : END_IS_SURE_AFTER_MS;
    for (const story of this.stories.values()) {
      if (services.some(({ service }) => service === story.producer.service)) story.consumersDied = true;
      if (!isAt(story, store)) continue;
      // Counts as read, and its consumer's store will never hear that: at most once.
      if (story.producer.sendOnly && !disk.has(story.id)) story.takenOff = true;
      const last = story.ends.at(-1);
      const unflushed = power && disk.unflushed.has(story.id);
      if (unflushed) story.blurred = true;
      if (unflushed && (story.acceptedAtMs ?? now) >= now - END_IS_SURE_AFTER_MS) story.excused = true;
      if (last !== undefined && (unflushed || last.atMs >= now - window)) story.deathsAtEnd += 1;
    }
  }

  // --- producers --------------------------------------------------------------------------------

  attachProducer(living: Living, plan: ProducerPlan): void {
    const { life, clock, store, producers } = living;
    const { readsAfterMs } = this.sabotage;
    const producer = makeProducer(
      readsAfterMs === undefined ? plan : { ...plan, notifyIntervalMs: readsAfterMs },
      plan.lifetimeMs,
      clock,
      store,
      (output) => {
        if (life.alive) this.#ended(plan, output);
        life.reach(output.kind === 'failure' ? 'producer has failure' : 'producer has reply');
      },
      (error) => {
        // A power cut takes away the word that a message is over, and not that its file is gone.
        if (life.alive && !living.disk.lostSomething)
          this.strange.push(`${plan.id} is in trouble: ${String(error)}`);
      },
    );
    producers.set(plan.id, producer);
  }

  /** Gives a message to a store; what is refused is not accepted, and nothing may come of it. */
  async send({ producers, life }: Living, plan: ProducerPlan, large: boolean): Promise<void> {
    const number = this.stories.size + 1;
    const id = `m${number}`;
    const payload = makePayload(large ? 'large' : 'object', number);
    const story: Story = {
      id,
      producer: plan,
      payload: fingerprint(payload, true),
      sentAtMs: this.clock.now(),
      acceptedAtMs: undefined,
      deliveries: [],
      ends: [],
      takenOff: false,
      consumersDied: false,
      deathsAtEnd: 0,
      excused: false,
      blurred: false,
    };
    this.stories.set(id, story);
    this.trace.note(plan.id, `sends ${id}`);
    try {
      await producers.get(plan.id)?.send({
        messageId: id,
        message: { payload, redlinkMsgId: id },
        preserved: { only: id },
        hasPreserved: true,
        service: plan.service,
        reversePath: plan.reversePath,
        correlationId: '',
      });
      if (!life.alive) return;
      story.acceptedAtMs = this.clock.now();
      this.trace.note(plan.id, `${id} is accepted`);
      life.reach('accepted');
    } catch (error) {
      if (!life.alive) return;
      this.trace.note(plan.id, `${id} is refused: ${String(error)}`);
      if (!isRefusal(error)) this.strange.push(`${id} could not be sent: ${String(error)}`);
      this.stories.delete(id);
      this.stories.set(`refused ${number}`, { ...story, excused: true });
    }
  }

  #ended(plan: ProducerPlan, { messageId, kind, value, preserved, read, mayRepeat }: ProducerOutput): void {
    const content = kind === 'failure' ? String(value) : fingerprint(value, true);
    this.trace.note(plan.id, `${kind} ${content} of ${messageId}`);
    const story = this.stories.get(messageId);
    if (story?.producer !== plan) {
      this.strange.push(`${plan.id} got an end of ${messageId}, which it has not sent`);
      return;
    }
    const end: End = {
      kind,
      content,
      read,
      mayRepeat,
      preserved: fingerprint(preserved, true),
      atMs: this.clock.now(),
    };
    story.ends.push(...(this.sabotage.end?.(end) ?? [end]));
  }

  // --- consumers --------------------------------------------------------------------------------

  attachConsumer({ store, clock, life }: Living, plan: ConsumerPlan): void {
    const consumer: Consumer = makeConsumer(
      plan,
      plan.inTransitLimit,
      clock,
      (id, payload, _isRepeat, count) => {
        if (!life.alive || !life.reach('consumer has it')) return;
        const replies = this.#delivered(plan, id, payload, count);
        const [shortestMs, longestMs] = plan.thinkMs;
        clock.after(this.random.between(shortestMs, longestMs), () => {
          if (!life.alive || !life.reach('consumer answers')) return;
          const answer = { from: plan.id, to: id, count };
          replies.push(fingerprint(answer, true));
          const withError = plan.manner === 'repliesWithError';
          void consumer.reply(id, withError ? 'beside' : answer, withError ? { value: answer } : undefined);
        });
      },
      (id, code) => {
        this.trace.note(plan.id, `failure ${code} of ${id ?? 'no message'}`);
      },
    );
    consumer.attach(store);
  }

  #delivered(plan: ConsumerPlan, id: string, payload: unknown, count: number): string[] {
    this.trace.note(plan.id, `receives ${id}, delivery ${count}`);
    const replies: string[] = [];
    const story = this.stories.get(id);
    const delivery = {
      atMs: this.clock.now(),
      consumer: plan,
      payload: fingerprint(payload, true),
      count,
      replies,
    };
    if (story === undefined) this.strange.push(`${plan.id} got ${id}, which nobody sent`);
    else story.deliveries.push(this.sabotage.delivery?.(delivery) ?? delivery);
    return replies;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof RedlinkError && (error.code === 'JOURNAL_IO' || error.code === 'PAYLOAD_IO');
}
