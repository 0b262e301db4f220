import { addressKey } from '../../src/protocol/address.js';
import { WITHDRAWAL_BELOW_EPOCH_S } from '../../src/mesh/freshness.js';
import type { AnswerTo, Verb } from '../../src/protocol/verbs.js';

/** What a request is about, for the trace. */
export function subject(verb: Verb): string {
  switch (verb.verb) {
    case 'announce':
      return addressKey(verb.from);
    case 'advertise': {
      const what = verb.expiresEpochS < WITHDRAWAL_BELOW_EPOCH_S ? 'withdrawn' : `${verb.hopCount} away`;
      return `${verb.heading} ${verb.service} ${verb.consumerId} ${what}`;
    }
    case 'offer':
      return `${verb.service} ${verb.messageId}`;
    case 'vacancy':
      return `${verb.service}: ${verb.places} places at ${addressKey(verb.via)}`;
    case 'confirm':
      return `${verb.messageId} for ${verb.consumerId}`;
    case 'read':
    case 'taken':
    case 'reply':
      return `${verb.messageId} by ${verb.consumer.id}`;
    case 'probe':
      return 'alive?';
    case 'recall':
      return `by ${addressKey(verb.by)}`;
    case 'renew':
      return `${verb.held.map((held) => held.messageId).join(' ')} at ${verb.consumerStore}`;
  }
}

/** What an answer says, for the trace. */
export function outcome(answer: AnswerTo[Verb['verb']]): string {
  if ('consumerId' in answer) return `${answer.kind} ${answer.consumerId}`;
  if ('coming' in answer) return `${answer.coming} coming${answer.more ? ', more wait' : ''}`;
  return 'reason' in answer ? `${answer.kind}: ${answer.reason}` : answer.kind;
}
