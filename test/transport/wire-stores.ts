import type { Address } from '../../src/protocol/address.js';
import type {
  AnswerTo,
  Capabilities,
  Confirm,
  Hop,
  MessageMeta,
  Offer,
  Read,
  Reply,
  Verb,
} from '../../src/protocol/verbs.js';
import { textSource } from '../../src/protocol/v3/sources.js';
import type { Answerer, Sender } from '../../src/transport/port.js';

/** Stores and verbs for tests of the wire. */

export const SOUTH: Address = { host: '10.0.0.1', port: '2001' };
export const NORTH: Address = { host: '10.0.0.2', port: '2002' };

export const HOPS: readonly Hop[] = [
  { storeName: 'mesh0:S1', address: SOUTH, reversePath: true },
  { storeName: 'mesh0:S2', address: NORTH, reversePath: true },
];

const OFFERED = {
  service: 'svc',
  messageId: 'm1',
  producerId: 'p1',
  source: { storeName: 'mesh0:S1', address: SOUTH },
  reversePath: true,
  path: HOPS,
  hopCount: 1,
};

export const OFFER: Offer = { verb: 'offer', ...OFFERED };
export const CONFIRM: Confirm = {
  verb: 'confirm',
  deadlineInMs: undefined,
  token: undefined,
  ...OFFERED,
  consumerId: 'c1',
  remaining: HOPS.slice(1),
};

export const READ: Read = {
  verb: 'read',
  messageId: 'm1',
  producerId: 'p1',
  consumer: { id: 'c1', service: 'svc', storeName: 'mesh0:S2' },
  path: [],
  readDelayMs: 7,
  room: 25,
  token: undefined,
};

export const REPLY: Reply = {
  verb: 'reply',
  messageId: 'm1',
  producerId: 'p1',
  consumer: { id: 'c1', service: 'svc', storeName: 'mesh0:S2' },
  replyDelayMs: 9,
  room: 0,
  path: [],
  payload: textSource('{"a":1}'),
  consumerError: undefined,
  token: undefined,
};

export const META: MessageMeta = {
  messageId: 'm1',
  storeName: 'mesh0:S1',
  service: 'svc',
  read: false,
  sendOnly: false,
  producerId: 'p1',
  preserved: '"kept"',
  acceptedEpochMs: 1_795_414_350_190,
  priority: 3,
  large: false,
  ageS: 2,
  sinceNotifyS: 1,
  reversePath: true,
  consumerId: 'c1',
  deadlineInMs: 300_000,
  deliveryCount: 2,
};

export function capabilitiesOf(storeName: string): Capabilities {
  return { version: 4, bootId: `boot of ${storeName}`, storeName };
}

type Answers = { [K in Verb['verb']]?: (verb: Extract<Verb, { verb: K }>) => AnswerTo[K] };

/** A store that answers as it is told, and notes what it was asked. */
export class ToldAnswerer implements Answerer {
  readonly asked: Verb[] = [];
  readonly senders: Sender[] = [];

  constructor(
    readonly capabilities: Capabilities,
    private readonly answers: Answers = {},
  ) {}

  async answer<V extends Verb>(verb: V, sender: Sender): Promise<AnswerTo[V['verb']]> {
    this.asked.push(verb);
    this.senders.push(sender);
    // The answers are keyed by the same field that this type is taken from.
    return this.answerTo(verb) as AnswerTo[V['verb']];
  }

  private answerTo(verb: Verb): AnswerTo[keyof AnswerTo] | undefined {
    switch (verb.verb) {
      case 'announce':
        return this.answers.announce?.(verb) ?? { kind: 'acknowledged' };
      case 'advertise':
        return this.answers.advertise?.(verb) ?? { kind: 'acknowledged' };
      case 'offer':
        return this.answers.offer?.(verb) ?? { kind: 'noRoom', path: verb.path };
      case 'vacancy':
        return this.answers.vacancy?.(verb) ?? { kind: 'invited', coming: 0, more: false };
      case 'confirm':
        return (
          this.answers.confirm?.(verb) ?? {
            kind: 'refused',
            consumerId: verb.consumerId,
            service: verb.service,
          }
        );
      case 'read':
        return this.answers.read?.(verb) ?? { kind: 'notFound', reason: 'gone' };
      case 'reply':
        return this.answers.reply?.(verb) ?? { kind: 'received' };
      case 'taken':
        return this.answers.taken?.(verb) ?? { kind: 'stale' };
      case 'renew':
        return this.answers.renew?.(verb) ?? { kind: 'renewed', stale: [] };
      case 'probe':
        return { kind: 'alive', bootId: 'boot' };
      case 'recall':
        return { kind: 'coming' };
    }
  }
}
