import { decode } from './codec.js';
import { isObject, type Json, type JsonObject, parseJson, property, textOf } from './json.js';
import { BY_HAND, type Exchange, type Recording, type Step } from './recording.js';

/** A message into a node, as a step of a recording asks for it; ids as recorded. */
export interface Action {
  readonly node: string;
  readonly msg: JsonObject;
  /** The recorded id that a producer gave to this message; undefined for what is no new message. */
  readonly sentAs: string | undefined;
}

/** Puts the steps of one recording, which are English, into actions. */
export class StepReader {
  readonly #messagesSent = new Map<string, number>();

  constructor(private readonly recording: Recording) {}

  /**
   * Steps must be read in their order, since they count the messages of each producer.
   * @returns undefined for a step that needs nothing done: a remark, or a request that is itself in the recording.
   */
  read(step: Step): Action | undefined {
    const text = step.step;
    const [, into, message] = /^message into (\w+): (.*)$/s.exec(text) ?? [];
    if (into !== undefined && message !== undefined) {
      return this.#message(into, parseJson(message));
    }
    if (/^(hand-made|the process has ended|consumer gave notifies)/.test(text)) {
      return undefined;
    }
    return (
      this.#commandToConsumer(text) ??
      this.#commandToProducer(text) ??
      this.#reply(step) ??
      this.#described(text)
    );
  }

  #commandToConsumer(text: string): Action | undefined {
    const [first] = this.#messageIds('producer1');
    switch (text) {
      case 'read by id':
      case 'read the first id a second time':
      case 'read command at a consumer that reads by itself':
        return plain('consumer2', { topic: 'read', redlinkMsgId: first ?? '' });
      case 'read without an id':
      case 'read without an id when nothing is left':
        return plain('consumer2', { topic: 'read' });
      case 'consumer replies to an id it never had':
        return plain('consumer2', { redlinkMsgId: UNKNOWN_ID, payload: 'a reply' });
      case 'consumer replies without an id':
        return plain('consumer2', { payload: 'a reply' });
      default:
        return undefined;
    }
  }

  #commandToProducer(text: string): Action | undefined {
    const [first] = this.#messageIds('producer1');
    switch (text) {
      case 'producer reads the reply by id':
      case 'producer reads it again':
        return plain('producer1', { topic: 'read', redlinkMsgId: first ?? '' });
      case 'producer reads without an id':
        return plain('producer1', { topic: 'read' });
      default:
        return undefined;
    }
  }

  /** A reply of a consumer: what it was is in the request that followed. */
  #reply(step: Step): Action | undefined {
    if (step.step === 'reply to the first') {
      // 3.0.5 lost this one, so that no request shows what it was (DEFECTS.md 17).
      const [first] = this.#messageIds('producer1');
      return plain('consumer2', { redlinkMsgId: first ?? '', payload: 'answer 1' });
    }
    if (!/^(reply to|the consumer (now )?(replies|answers))/.test(step.step)) {
      return undefined;
    }
    const sent = this.recording.exchanges.find(
      (exchange) =>
        exchange.kind === 'reply' && exchange.from !== BY_HAND && exchange.startsAtMs >= step.atMs,
    );
    const body = sent?.request.body;
    const cerror = decode(property(body, 'cerror'));
    const payload = property(body, 'payload');
    return plain(textOf(body, 'replyingServiceId'), {
      redlinkMsgId: textOf(body, 'redlinkMsgId'),
      ...(payload === undefined ? {} : { payload: decode(payload) ?? null }),
      ...(cerror === undefined || cerror === '' ? {} : { cerror }),
    });
  }

  /** A message that the step only describes: what it was is in the answer to its read. */
  #described(text: string): Action {
    const producer = text === 'large message from the producer on S2' ? 'producer2' : 'producer1';
    const id = this.#nextId(producer);
    const read =
      this.recording.exchanges.find((exchange) => isReadOf(exchange, id)) ?? this.#anyLargeRead(text);
    const whole = decode(read?.answer?.body);
    const payload = isObject(whole) ? whole['payload'] : 'small';
    const preserved = preservedOf(text, read) ?? this.#givenBack(id);
    return {
      node: producer,
      msg: {
        ...(payload === undefined ? {} : { payload }),
        ...(preserved === undefined ? {} : { preserved }),
      },
      sentAs: id,
    };
  }

  /** 3.0.5 ended before it gave this message out (DEFECTS.md 30): one as large does as well. */
  #anyLargeRead(text: string): Exchange | undefined {
    const reads = this.recording.exchanges.filter(
      ({ kind, answer }) => kind === 'read' && answer !== undefined,
    );
    return text.startsWith('large message') ? reads[0] : undefined;
  }

  /** What came back with the reply: of a large message 3.0.5 shows it nowhere else. */
  #givenBack(id: string): Json | undefined {
    const receive = this.recording.outputs.find(
      ({ from, msg }) =>
        from.endsWith('.receive') && textOf(msg, 'redlinkMsgId') === id && property(msg, 'preserved'),
    );
    return property(receive?.msg, 'preserved');
  }

  #message(node: string, msg: Json): Action {
    const sentAs = node.startsWith('producer') ? this.#nextId(node) : undefined;
    return { node, msg: isObject(msg) ? msg : {}, sentAs };
  }

  #nextId(producer: string): string {
    const sent = this.#messagesSent.get(producer) ?? 0;
    this.#messagesSent.set(producer, sent + 1);
    const id = this.#messageIds(producer)[sent];
    if (id === undefined) {
      throw new Error(`${this.recording.scenario}: ${producer} has no message number ${sent + 1}`);
    }
    return id;
  }

  /** The ids that 3.0.5's producer gave to its messages, in the order in which they show. */
  #messageIds(producer: string): string[] {
    const offers = this.recording.exchanges
      .filter((exchange) => exchange.kind === 'offer' && exchange.from !== BY_HAND)
      .map((exchange) => ({ atMs: exchange.startsAtMs, shows: exchange.request.body }));
    const outputs = this.recording.outputs.map((output) => ({ atMs: output.atMs, shows: output.msg }));
    const ids = [...offers, ...outputs]
      .sort((a, b) => a.atMs - b.atMs)
      .filter(
        ({ shows }) =>
          textOf(shows, 'redlinkProducerId') === producer || textOf(shows, 'producerId') === producer,
      )
      .map(({ shows }) => textOf(shows, 'redlinkMsgId'));
    return [...new Set(ids)];
  }
}

/** An id that no message has. */
const UNKNOWN_ID = 'ffffffffffffffff';

function plain(node: string, msg: JsonObject): Action {
  return { node, msg, sentAs: undefined };
}

function isReadOf(exchange: Exchange, id: string): boolean {
  return (
    exchange.kind === 'read' &&
    textOf(exchange.request.body, 'redlinkMsgId') === id &&
    typeof exchange.answer?.body === 'string'
  );
}

/** `preserved` stays at the producer: a header of the read shows it, or the step says it. */
function preservedOf(text: string, read: Exchange | undefined): Json | undefined {
  const length = /^preserved of (\d+) characters$/.exec(text)?.[1];
  if (length !== undefined) {
    return 'P'.repeat(Number(length));
  }
  switch (text) {
    case 'zero preserved':
      return 0;
    case 'false preserved':
      return false;
    case 'empty preserved':
      return '';
    default: {
      const header = read?.answer?.headers['preserved'] ?? '';
      return header === '' ? undefined : decode(header);
    }
  }
}
