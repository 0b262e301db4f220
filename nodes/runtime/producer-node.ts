import { randomBytes } from 'node:crypto';
import type { Node, NodeAPI, NodeDef, NodeMessageInFlow, NodeStatus } from 'node-red';
import type {
  FailedSend,
  Hearers,
  Producer,
  ProducerEvents,
  ReceivedReply,
} from '../../src/producer/producer.js';
import type { Store } from '../../src/store/store.js';
import { asError, describe, RedlinkError } from '../../src/support/errors.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { Catalogue } from './catalogue.js';
import { deliveryFailure, sendFailure } from './failure-messages.js';
import { instance, type Roles } from './instance.js';
import { Intake } from './intake.js';
import { readProducerConfig, type ProducerConfig } from './producer-config.js';
import { StatusLine } from './status.js';
import { booleanOr, textOf, textsOf } from './values.js';

/** Bytes of a message id: unique over all stores of a mesh, as long as those of 3.0.5. */
const MESSAGE_ID_BYTES = 16;

/** Topics that ask for a reply (manual read) instead of being sent. */
const READ_TOPICS: ReadonlySet<unknown> = new Set(['read', 'producerReplyRead']);

type Done = (error?: Error) => void;

/** A message to be sent, and how its outcome is told. */
interface Arrived {
  readonly message: Record<string, unknown>;
  readonly done: Done;
}

/** Registers the node type `redlink producer`. */
export function registerProducer(RED: NodeAPI): void {
  function ProducerNode(this: Node, properties: NodeDef): void {
    RED.nodes.createNode(this, properties);
    new ProducerNodeRuntime(RED, this, readProducerConfig(this.id, { ...properties })).start();
  }
  RED.nodes.registerType('redlink producer', ProducerNode);
}

/** One producer node of the flow. */
class ProducerNodeRuntime implements ProducerEvents {
  private readonly clock = new SystemClock();
  private readonly catalogue: Catalogue;
  private readonly statusLine: StatusLine;
  private readonly outputs: { receive: number; notify: number; failure: number; debug: number };
  private producer: Producer | undefined;
  private stopWatching: () => void = () => undefined;
  /** Messages on their way into the store; they wait while that is being made. */
  private readonly intake: Intake<Arrived>;

  constructor(
    RED: NodeAPI,
    private readonly node: Node,
    private readonly config: ProducerConfig,
  ) {
    this.catalogue = new Catalogue(RED, 'redlink-producer');
    this.outputs = config.options.sendOnly
      ? { receive: -1, notify: -1, failure: 0, debug: 1 }
      : { receive: 0, notify: 1, failure: 2, debug: 3 };
    this.intake = new Intake(
      ({ message, done }) => {
        this.send(message, done);
      },
      () => this.producer !== undefined || !instance.isComing(config.storeName),
    );
    this.statusLine = new StatusLine(
      (status) => {
        node.status(status);
      },
      () => this.status(),
    );
  }

  start(): void {
    this.node.on('input', (message, _send, done) => {
      this.input(message, done);
    });
    this.node.on('close', () => {
      this.close();
    });
    this.stopWatching = instance.watch(this.config.storeName, {
      arrived: (store, roles) => {
        this.arrived(store, roles);
      },
      left: () => {
        this.left();
      },
    });
    this.statusLine.update();
  }

  private arrived(store: Store, roles: Roles): void {
    this.producer = new roles.Producer(this.config.options, this.clock, this);
    this.producer.attach(store);
    this.intake.wake();
    this.statusLine.update();
  }

  private left(): void {
    // What came while the store was there is still its business.
    this.intake.drain();
    this.producer?.detach(this.hearers());
    this.producer = undefined;
    this.statusLine.update();
  }

  private close(): void {
    this.stopWatching();
    this.statusLine.close();
    this.intake.drain();
    this.producer?.detach(this.hearers());
    this.producer = undefined;
  }

  /** Which of the nodes wired to this one outlive the deploy: Node-RED brings them what was sent in this turn. */
  private hearers(): Hearers {
    const { node } = this;
    const next =
      'wires' in node && Array.isArray(node.wires) ? node.wires.flatMap((ids) => textsOf(ids)) : [];
    const ended = next.filter((id) => instance.ending.ends(id, node.z));
    if (ended.length === 0) return 'all';
    return ended.length < next.length ? 'some' : 'none';
  }

  // --- input ------------------------------------------------------------------------------------

  private input(message: NodeMessageInFlow, done: Done): void {
    if (READ_TOPICS.has(message.topic)) {
      this.read(textOf({ ...message }.redlinkMsgId), done);
      return;
    }
    this.intake.put({ message, done });
  }

  private read(messageId: string, done: Done): void {
    if (this.producer === undefined) {
      done(this.noStore());
      return;
    }
    this.producer
      .readReply(messageId === '' ? undefined : messageId)
      .then(() => {
        done();
      })
      .catch((thrown: unknown) => {
        const nothing = thrown instanceof RedlinkError && thrown.code === 'NOTHING_WAITING';
        done(nothing ? undefined : asError(thrown));
      });
  }

  private send(message: Record<string, unknown>, done: Done): void {
    message['redlinkMsgId'] = randomBytes(MESSAGE_ID_BYTES).toString('hex');
    try {
      const accepting = this.accept(message);
      if (accepting === undefined) {
        done();
        return;
      }
      accepting.then(
        () => {
          done();
        },
        (error: unknown) => {
          this.refuse(message, error, done);
        },
      );
    } catch (error) {
      this.refuse(message, error, done);
    }
  }

  private accept(message: Record<string, unknown>): Promise<void> | undefined {
    const { producer, config } = this;
    if (producer === undefined) throw this.noStore();
    const { preserved, ...rest } = message;
    const reversePath = message['enforceReversePath'] ?? message['enforceReturnPath'];
    return producer.send({
      messageId: textOf(message['redlinkMsgId']),
      message: rest,
      preserved,
      hasPreserved: preserved !== undefined,
      service: this.destinationOf(message, producer),
      reversePath: booleanOr(reversePath, config.options.reversePath),
      correlationId: textOf(message['_msgid']),
    });
  }

  private destinationOf(message: Record<string, unknown>, producer: Producer): string {
    const { options, storeName } = this.config;
    if (options.service !== undefined) {
      if (options.service !== '') return options.service;
      throw new RedlinkError('BLANK_SERVICE', 'Blank service specified in producer');
    }
    const service = textOf(message['topic']);
    if (service === '') throw new RedlinkError('BLANK_SERVICE', 'Blank service specified in msg.topic');
    if (producer.knows(service)) return service;
    const text = `Store ${storeName} does not know about service ${service} specified in msg.topic`;
    throw new RedlinkError('UNKNOWN_SERVICE', text);
  }

  private refuse(message: Record<string, unknown>, thrown: unknown, done: Done): void {
    const cause =
      thrown instanceof RedlinkError ? thrown : new RedlinkError('PAYLOAD_IO', describe(thrown), thrown);
    const error = new RedlinkError(cause.code, this.catalogue.explain(cause), cause);
    this.emit(this.outputs.failure, sendFailure(this.config, error, message));
    done(error);
  }

  private noStore(): RedlinkError {
    return new RedlinkError('NO_STORE', `No Store:${this.config.storeName}`);
  }

  // --- what the producer says -------------------------------------------------------------------

  received(reply: ReceivedReply): void {
    const { messageId, correlationId, payload, preserved, hasError, consumerError, mayRepeat } = reply;
    const message: Record<string, unknown> = {
      payload,
      redlinkMsgId: messageId,
      redlinkProducerId: this.config.options.id,
      preserved,
      _msgid: correlationId,
      ...(mayRepeat ? { redelivered: true } : undefined),
    };
    if (hasError) this.emit(this.outputs.failure, { ...message, cerror: consumerError });
    else this.emit(this.outputs.receive, message);
    this.debug('producerReplyRead', message);
  }

  repliesWaiting(messageId: string, count: number): void {
    const { name, options } = this.config;
    this.emit(this.outputs.notify, {
      producerName: name,
      redlinkProducerId: options.id,
      redlinkMsgId: messageId,
      notifyType: 'producerReplyNotification',
      replyCount: count,
    });
  }

  failed(failure: FailedSend): void {
    const message = deliveryFailure(this.config, failure, this.catalogue);
    this.emit(this.outputs.failure, message);
    this.node.error(new RedlinkError(failure.code, String(message['error'])), {
      _msgid: failure.message.correlationId,
      ...(typeof failure.original === 'object' ? failure.original : undefined),
    });
  }

  changed(): void {
    this.statusLine.update();
  }

  trouble(error: unknown): void {
    this.node.error(describe(error));
  }

  // --- outputs ----------------------------------------------------------------------------------

  private emit(output: number, message: Record<string, unknown>): void {
    if (output < 0) return;
    const outputs: (Record<string, unknown> | null)[] = new Array<null>(output).fill(null);
    outputs.push(message);
    this.node.send(outputs);
  }

  private debug(action: string, data: Record<string, unknown>): void {
    const { showDebug, storeName, destination } = this.config;
    if (showDebug)
      this.emit(this.outputs.debug, { storeName, consumerName: destination, action, data: { ...data } });
  }

  private status(): NodeStatus {
    const { catalogue, config, producer } = this;
    if (producer === undefined) {
      if (instance.isComing(config.storeName)) {
        return { fill: 'grey', shape: 'ring', text: catalogue.text('status.initialising', 'Initialising') };
      }
      const store = config.storeName;
      const text = catalogue.text('status.noStore', `Error: No Store:${store}`, { store });
      return { fill: 'red', shape: 'ring', text };
    }
    const { queued, notified, replies } = producer.counts();
    const english = `M:${queued} N:${notified} R:${replies}`;
    const text = catalogue.text('status.counts', english, { queued, notified, replies });
    return { fill: 'green', shape: 'dot', text };
  }
}
