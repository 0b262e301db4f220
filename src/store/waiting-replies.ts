import type { Engine } from '../engine/engine.js';
import type { ReplyRow } from '../engine/rows.js';
import type { Log } from '../support/log.js';
import type { AttachedProducers } from './attached-producers.js';
import type { AttachedProducer, DeliveredReply } from './contract.js';
import type { MessageViews } from './message-views.js';

/** A reply that was handed to its producer's flow a moment ago. */
interface Given {
  readonly producerId: string;
  /** Tells who gave it whether the flow has it; undefined where it is kept until then. */
  settle: ((heard: boolean) => void) | undefined;
}

/** The replies that are sure to survive, until their producers have them. */
export class WaitingReplies {
  private sequence = 0;
  /** Messages whose replies the flow may have had before a crash, without a trace. */
  private readonly repeatable = new Set<string>();
  /** Replies that are on their way to the next node of a flow, by message. */
  private readonly given = new Map<string, Given>();

  /** @param finish the reply's message is over, because its producer stays away */
  constructor(
    private readonly engine: Engine,
    private readonly producers: AttachedProducers,
    private readonly views: MessageViews,
    private readonly log: Log,
    private readonly finish: (messageId: string) => void,
  ) {}

  /** The next place in the order of replies. */
  nextSequence(): number {
    this.sequence += 1;
    return this.sequence;
  }

  /** A reply is sure to survive: its producer may have it. */
  give(reply: ReplyRow): void {
    const mayRepeat = reply.mayRepeat || this.repeatable.has(reply.messageId);
    this.engine.replies.insert({ ...reply, mayRepeat });
    this.expectProducer(reply);
  }

  /**
   * Gives a reply that is kept nowhere straight to the flow, where the producer is there for it and no other waits
   * before it.
   * @returns whether the flow has it, and the message is over; undefined: the producer does not take it now
   */
  giveAtOnce(reply: ReplyRow): Promise<boolean> | undefined {
    const { messageId, producerId, payloadName } = reply;
    if (payloadName !== '' || this.producers.get(producerId)?.takesAtOnce !== true) return undefined;
    if (this.engine.replies.firstWaiting(producerId) !== undefined) return undefined;
    this.give(reply);
    const given = this.given.get(messageId);
    if (given === undefined) {
      // It did not take it after all.
      this.engine.replies.remove(messageId);
      return undefined;
    }
    return new Promise((resolve) => {
      given.settle = resolve;
    });
  }

  /** The producer has handed the reply to its flow. */
  noteGiven(messageId: string): void {
    const reply = this.engine.replies.markRead(messageId);
    if (reply !== undefined) this.given.set(messageId, { producerId: reply.producerId, settle: undefined });
  }

  /** A message comes from before a crash, read: its reply may have been given just before. */
  mayHaveGiven(messageId: string): void {
    this.repeatable.add(messageId);
  }

  forget(messageId: string): void {
    this.repeatable.delete(messageId);
    const given = this.given.get(messageId);
    this.given.delete(messageId);
    given?.settle?.(true);
  }

  /** Takes back a reply of an earlier life of the store. Its message is in the table already. */
  takeBack(reply: ReplyRow): void {
    this.sequence = Math.max(this.sequence, reply.sequence);
    this.give(reply);
  }

  attached(producer: AttachedProducer): void {
    if (this.engine.replies.firstWaiting(producer.id) !== undefined) producer.replyWaiting();
  }

  /** What its flow has not heard waits again, for its successor. */
  detached(producerId: string, mayRepeat: boolean): void {
    for (const [messageId, given] of this.given) {
      if (given.producerId !== producerId) continue;
      if (mayRepeat) this.repeatable.add(messageId);
      this.takeBackGiven(messageId, given);
    }
    for (const reply of this.engine.replies.waiting(producerId)) this.expectProducer(reply);
  }

  private takeBackGiven(messageId: string, { settle }: Given): void {
    this.given.delete(messageId);
    if (settle === undefined) {
      this.engine.replies.markUnread(messageId, this.repeatable.has(messageId));
    } else {
      this.engine.replies.remove(messageId);
      settle(false);
    }
  }

  /** The oldest reply for the producer, or that to the message named. */
  peek(producerId: string, messageId: string | undefined): DeliveredReply | undefined {
    const { replies, messages } = this.engine;
    const reply = messageId === undefined ? replies.firstWaiting(producerId) : replies.get(messageId);
    if (reply === undefined || reply.read || reply.producerId !== producerId) return undefined;
    const row = messages.get(reply.messageId);
    return row === undefined ? undefined : this.views.reply(row, reply);
  }

  /** A reply waits: where its producer is not in the flow, not for ever. */
  private expectProducer({ messageId, producerId }: ReplyRow): void {
    this.producers.expect(messageId, producerId, () => {
      this.log.info(`message ${messageId} was answered, its producer ${producerId} is not in the flow`);
      this.finish(messageId);
    });
  }
}
