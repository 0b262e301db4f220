import type { FailedSend } from '../../src/producer/producer.js';
import { MS_PER_SECOND } from '../../src/support/clock.js';
import type { RedlinkError } from '../../src/support/errors.js';
import type { Catalogue } from './catalogue.js';
import type { ProducerConfig } from './producer-config.js';
import { isRecord } from './values.js';

/** What leaves by a producer's failure output (NODES.md, "failure"). */
export type FailureMessage = Record<string, unknown>;

/** The message could not be sent: it comes back as it went in. */
export function sendFailure(
  config: ProducerConfig,
  error: RedlinkError,
  message: Record<string, unknown>,
): FailureMessage {
  return {
    ...producerFields(config),
    action: 'producerSend',
    error: error.message,
    redlinkMsgId: message['redlinkMsgId'],
    originalMessage: message,
    code: error.code,
    read: false,
    _msgid: message['_msgid'],
  };
}

/** A message that was sent has failed: `originalMessage` is the row as 3.0.5 gives it, `message` the whole to send again. */
export function deliveryFailure(
  config: ProducerConfig,
  failed: FailedSend,
  catalogue: Catalogue,
): FailureMessage {
  const { message, original, preserved } = failed;
  const whole = isRecord(original) ? original : {};
  return {
    ...producerFields(config),
    action: failed.action,
    error: catalogue.explain({ code: failed.code, message: reasonOf(config, failed) }),
    redlinkMsgId: message.id,
    originalMessage: {
      redlinkMsgId: message.id,
      storeName: config.storeName,
      serviceName: message.service,
      read: failed.read,
      sendOnly: message.sendOnly,
      redlinkProducerId: message.producerId,
      preserved,
      timestamp: message.acceptedEpochMs,
      priority: message.priority,
      isLargeMessage: message.large,
      lifetime: message.ageS,
      timeSinceNotify: message.sinceNotifyS,
      enforceReversePath: message.reversePath,
      consumerId: message.consumerId,
      payload: whole['payload'],
    },
    code: failed.code,
    read: failed.read,
    message: preserved === '' ? whole : { ...whole, preserved },
    _msgid: message.correlationId,
  };
}

function producerFields(config: ProducerConfig): FailureMessage {
  return {
    producerName: config.name,
    producerId: config.options.id,
    producerStoreName: config.storeName,
    consumerName: config.destination,
  };
}

function reasonOf({ options }: ProducerConfig, { code, message }: FailedSend): string {
  const seconds = options.lifetimeMs / MS_PER_SECOND;
  if (code !== 'TIMED_OUT') return `Message ${message.id} could not be delivered (${code})`;
  return message.sendOnly
    ? `Message ${message.id} not read in ${seconds} seconds`
    : `Message ${message.id} not read and processed in ${seconds} seconds`;
}
