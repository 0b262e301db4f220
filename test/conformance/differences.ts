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
    at: /^exchange (8|10) answer$/,
    field: /^body\.(consumerId|enm|status)$/,
    because: 'DEFECTS 4: at a limit of one the second and third offer are refused; 3.0.5 accepts all three',
  },
  {
    scenarios: ['capacity-race'],
    at: /^exchange (12|14|16) answer$/,
    field: /^body\.(enm|status|notifyPath)$/,
    because: 'DEFECTS 4: only what was accepted can be confirmed, and the load never passes the limit',
  },
  {
    scenarios: ['capacity-race'],
    at: /^(exchange (17|19|21) request|output consumer2\.notify [13]|output consumer2\.receive [12])$/,
    field: /^$/,
    because: 'DEFECTS 4: the messages over the limit are not read',
  },
  {
    scenarios: ['capacity-race'],
    at: /^(more requests to S1|more output consumer2\.(receive|failure))$/,
    field: /^$/,
    because:
      'DEFECTS 4: the first message is read, which 3.0.5 threw away, and is the only one that can be answered',
  },
  {
    scenarios: ['capacity-race'],
    at: /^output consumer2\.notify 2$/,
    field: /^(notifyCount|warning)$/,
    because: 'DEFECTS 4: no notify is thrown away for being over the limit, so none says so',
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
    scenarios: ['large-message-two-stores'],
    at: /^exchange 8 answer$/,
    field: /^(headers\..*|body)$/,
    because:
      'SECURITY: between new stores a message is leased, and given only to who knows the token of the assignment',
  },
  {
    scenarios: ['large-preserved'],
    at: /^exchange 25 answer$/,
    field: /^headers\.preserved$/,
    because: 'DEFECTS 20: what does not fit a response header is left out of it, so that the message arrives',
  },
  {
    scenarios: ['large-preserved'],
    at: /^(more requests to S1|output consumer2\.failure 1|more output consumer2\.receive)$/,
    field: /^$/,
    because: 'DEFECTS 20: a message whose `preserved` does not fit a header is delivered and answered',
  },
  {
    scenarios: ['large-preserved'],
    at: /^exchange 24 answer$/,
    field: /^(headers\..*|body)$/,
    because: 'DEFECTS 20: headers of 19 kB are read, and passed on without what does not fit',
  },
  {
    scenarios: ['large-preserved'],
    at: /^exchange 27 answer$/,
    field: /^body\.enm$/,
    because: 'DEFECTS 20: the message before it is answered, and takes no place any more',
  },
  {
    scenarios: ['list-store'],
    at: /^output storeS1\.command 1$/,
    field: /^notifies\.1\.notifySent$/,
    because: 'NODES, consumer: one notify for each waiting message; 3.0.5 forgot the second',
  },
  {
    scenarios: ['list-store', 'manual-read'],
    at: /^more output consumer[12]\.notify$/,
    field: /^$/,
    because: 'NODES, consumer: one notify for each waiting message; 3.0.5 forgot the second',
  },
  {
    scenarios: ['manual-read'],
    at: /^output consumer2\.(notify|receive) \d$/,
    field: /^notifyCount$/,
    because: 'NODES, consumer: each waiting message is notified, so none is read with a count of 0',
  },
  {
    scenarios: ['list-store'],
    at: /^output consumer1\.notify \d$/,
    field: /^notifyCount$/,
    because: 'NODES, consumer: the notify is repeated every `reNotifyInterval` while the message is unread',
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
    scenarios: [
      'load-balancer',
      'local-echo-all-ports',
      'odd-requests',
      'registration',
      'registration-no-redistribute',
    ],
    at: /^output storeS\d+\.command \d$/,
    field: /^globalConsumers\.\d\.(nextHop|load|loadAgeSeconds|ageSeconds|path)(\.|$)/,
    because: 'NODES, columns: new ones at the end of a row, here what a person wants to know of a route',
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
    at: /^exchange (12|14|17) answer$/,
    field: /^$/,
    because: 'DEFECTS 34: no request is left without an answer',
  },
  {
    scenarios: ['odd-requests'],
    at: /^exchange (10|13|15|16) answer$/,
    field: /^(status|body)$/,
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
    at: /^exchange (58|59|66|67) answer$/,
    field: /^(status|body)$/,
    because: 'DEFECTS 19: `null` and no payload are replies like any other; 3.0.5 answers with a stack',
  },
  {
    scenarios: ['reply-kinds'],
    at: /^(more output producer1\.receive|output producer1\.failure [23])$/,
    field: /^$/,
    because: 'DEFECTS 19: `null` and no payload reach the producer instead of its time limit',
  },
  {
    scenarios: ['reply-kinds'],
    at: /^output producer1\.receive [36]$/,
    field: /^payload$/,
    because: 'DEFECTS 19: `0` and `false` arrive as they are',
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
    at: /^more requests to S2$/,
    field: /^$/,
    because: 'DEFECTS 1: the message is offered as soon as its service appears',
  },
  {
    scenarios: ['service-appears-later'],
    at: /^output producer1\.failure 1$/,
    field: /^originalMessage\.consumerId$/,
    because: 'DEFECTS 1: the message that 3.0.5 left `pending` was assigned',
  },
  {
    scenarios: ['timeout'],
    at: /^(more output consumer1\.(notify|receive)|output producer2\.failure 1)$/,
    field: /^$/,
    because: 'DEFECTS 3 and 5: a message that is not answered holds its own place only; the others are read',
  },
  {
    scenarios: ['timeout'],
    at: /^(output consumer1\.receive 1|output producer3\.failure 3)$/,
    field: /^(notifyCount|originalMessage\.read)$/,
    because: 'DEFECTS 3 and 5: each message is read at once, so the counts of waiting ones are lower',
  },
  {
    scenarios: ['timeout'],
    at: /^output producer4\.failure 1$/,
    field: /^originalMessage\.consumerId$/,
    because: 'DEFECTS 1: a message for a service that nobody offers waits for it, and is not `pending`',
  },
  {
    scenarios: ['timeout'],
    at: /^output storeS1\.registration 5$/,
    field: /^$/,
    because:
      'DEFECTS 1: a message is offered when its service is there, and what is not offered is not notified',
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
export function differenceOf(finding: Pick<Finding, 'scenario' | 'at' | 'field'>): Difference | undefined {
  return DIFFERENCES.find(
    ({ scenarios, at, field }) =>
      scenarios.includes(finding.scenario) && at.test(finding.at) && field.test(finding.field),
  );
}
