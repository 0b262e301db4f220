import type { Finding } from './finding.js';

/**
 * Where version 4 is not as 3.0.5, on purpose. Everything else that a recording shows has to be the same.
 * A difference that no longer shows fails the tests too, so that this list stays true.
 */
export interface Difference {
  /** Recordings in which it shows; each must show it. */
  readonly scenarios: readonly string[];
  /** The exchange or output, as in {@link Finding.at}. */
  readonly at: RegExp;
  /** The field; empty for an exchange or output that came or did not come as a whole. */
  readonly field: RegExp;
  /** Where the specification asks for it, and what it asks for. */
  readonly because: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    scenarios: ['capacity-race'],
    at: /^(exchange (8|10|12|14|16) answer|exchange (17|19|21) request)$/,
    field: /^(|body\.(consumerId|enm|status|notifyPath))$/,
    because:
      'DEFECTS 4: never more messages than the in-transit limit; 3.0.5 accepts three at a limit of one',
  },
  {
    scenarios: ['capacity-race'],
    at: /^(output consumer2\.(notify|receive) \d|more output consumer2\.failure)$/,
    field: /^$/,
    because: 'DEFECTS 4: the message that the recording answers is not among those that were accepted',
  },
  ...[
    'storeS1\\.registration',
    'storeS2\\.registration',
    'consumer1\\.(notify|receive)',
    'producer1\\.receive',
    'producer2\\.receive',
  ].map((output): Difference => ({
    scenarios: ['large-message-two-stores'],
    at: new RegExp(`^more output ${output}$`),
    field: /^$/,
    because:
      'DEFECTS 30: both large messages arrive; 3.0.5 ends its process with one, so the recording has no outputs',
  })),
  {
    scenarios: ['large-message-two-stores'],
    at: /^exchange [45] answer$/,
    field: /^body\.enm$/,
    because: 'DEFECTS 3: a message counts until it is answered; 3.0.5 counts it until it is read',
  },
  {
    scenarios: ['large-preserved'],
    at: /^exchange 25 answer$/,
    field: /^headers\.preserved$/,
    because: 'DEFECTS 20: what does not fit a response header is left out of it, so that the message arrives',
  },
  {
    scenarios: ['large-preserved'],
    at: /^(exchange (24|27) answer|more requests to S1|output consumer2\.failure 1|more output consumer2\.receive)$/,
    field: /^(|headers\..*|body|body\.enm)$/,
    because: 'DEFECTS 20: a message whose `preserved` does not fit a header is delivered and answered',
  },
  {
    scenarios: ['list-store', 'manual-read'],
    at: /^(output storeS1\.command 1|(more )?output consumer[12]\.notify( \d)?|output consumer2\.receive \d)$/,
    field: /^(notifies\.1\.notifySent|notifyCount|)$/,
    because:
      'NODES, consumer: one notify for each waiting message, repeated while unread; 3.0.5 forgot the second',
  },
  {
    scenarios: ['load-balancer', 'timeout'],
    at: /^(exchange \d+ (request|answer)|output consumer\d\.receive \d|output storeS1\.command 1)$/,
    field: /^(|body\.|globalConsumers\.\d\.)enm$/,
    because:
      'DEFECTS 3: messages are read as soon as they are assigned, up to the limit, so more are outstanding',
  },
  {
    scenarios: ['local-echo-all-ports'],
    at: /^output storeS1\.command 5$/,
    field: /^help$/,
    because: 'NODES, store: the help names all topics, in words of our own',
  },
  {
    scenarios: ['manual-read'],
    at: /^more requests to S1$/,
    field: /^$/,
    because: 'DEFECTS 17: the second read fails, the first stands, and so does its reply',
  },
  {
    scenarios: ['manual-read', 'no-capacity', 'reply-kinds', 'reply-unknown'],
    at: /^exchange \d+ request$/,
    field: /^replyingStoreName$/,
    because:
      'WIRE 6: the name may be absent; ours always says it, so that nobody else can reply for the consumer',
  },
  {
    scenarios: ['odd-requests'],
    at: /^exchange (10|12|13|14|15|16|17) answer$/,
    field: /^(|status|body)$/,
    because: 'DEFECTS 34: bad requests are answered at once, with a code and without a stack',
  },
  {
    scenarios: ['odd-requests'],
    at: /^output storeS1\.command 1$/,
    field: /^globalConsumers\.1$/,
    because: 'WIRE 3, SECURITY: what a store that is no north peer announces is refused, and changes nothing',
  },
  {
    scenarios: ['payload-kinds'],
    at: /^exchange (35|43|67|75|83) request$/,
    field: /^(decode\()?payload\)?$/,
    because: 'DEFECTS 19: a falsy payload arrives as it is, so the consumer answers with it',
  },
  {
    scenarios: ['payload-kinds'],
    at: /^output consumer2\.receive (4|5|8|9|10)$/,
    field: /^payload$/,
    because: 'DEFECTS 19: a falsy payload arrives as it is; 3.0.5 gives the whole message instead',
  },
  {
    scenarios: ['payload-kinds'],
    at: /^output producer1\.receive (16|17)$/,
    field: /^preserved$/,
    because: 'DEFECTS 19: a falsy `preserved` comes back as it is',
  },
  {
    scenarios: ['registration-no-redistribute'],
    at: /^exchange 5 request$/,
    field: /^$/,
    because: 'DEFECTS 26: without `redistribute` a service is never passed on, not even once',
  },
  {
    scenarios: ['reply-kinds'],
    at: /^exchange (27|51|59|67) request$/,
    field: /^(payload|enm)$/,
    because: 'DEFECTS 19: falsy replies travel in codec form, which 3.0.5 gives back as they were',
  },
  {
    scenarios: ['reply-kinds'],
    at: /^(exchange (58|59|66|67) answer|(more )?output producer1\.receive( [36])?|output producer1\.failure [23])$/,
    field: /^(|status|body|payload)$/,
    because:
      'DEFECTS 19: `null` and no payload are replies like any other; `0` and `false` arrive as they are',
  },
  {
    scenarios: ['reply-unknown'],
    at: /^more output consumer2\.failure$/,
    field: /^$/,
    because:
      'NODES, consumer: a reply to a message that the consumer was not given is a failure, not silence',
  },
  {
    scenarios: ['send-only'],
    at: /^exchange 14 answer$/,
    field: /^body\.enm$/,
    because: 'NODES, consumer: notified but unread messages count against the limit, sendOnly ones too',
  },
  {
    scenarios: ['service-appears-later'],
    at: /^(more requests to S2|output producer1\.failure 1)$/,
    field: /^(|originalMessage\.consumerId)$/,
    because: 'DEFECTS 1: the message is offered as soon as its service appears',
  },
  {
    scenarios: ['timeout'],
    at: /^(more output consumer1\.(notify|receive)|output consumer1\.receive 1|output producer2\.failure 1|output producer3\.failure 3)$/,
    field: /^(|notifyCount|originalMessage\.read)$/,
    because: 'DEFECTS 3 and 5: a message that is not answered holds its own place only; the others are read',
  },
  {
    scenarios: ['timeout'],
    at: /^output (producer4\.failure 1|storeS1\.registration 5)$/,
    field: /^(|originalMessage\.consumerId)$/,
    because: 'DEFECTS 1: a message for a service that nobody offers waits for it, and is not `pending`',
  },
];

/**
 * Fields that version 4 adds to messages of node outputs (NODES.md, "New in version 4" and the outputs of the
 * three nodes). Flows made for 3.0.5 do not look at them.
 */
export const NEW_OUTPUT_FIELDS: ReadonlySet<string> = new Set([
  'code',
  'deliveryCount',
  'message',
  'read',
  'redelivered',
  'request',
]);

/** The listed difference that a finding is, if any. */
export function differenceOf(finding: Finding): Difference | undefined {
  return DIFFERENCES.find(
    ({ scenarios, at, field }) =>
      scenarios.includes(finding.scenario) && at.test(finding.at) && field.test(finding.field),
  );
}
