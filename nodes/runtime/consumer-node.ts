import type { Node, NodeAPI, NodeDef, NodeMessageInFlow, NodeStatus } from 'node-red';
import type { Consumer } from '../../src/consumer/consumer.js';
import type {
  ConsumerEvents,
  ConsumerFailure,
  NotifyNotice,
  ReceivedMessage,
} from '../../src/consumer/events.js';
import type { Store } from '../../src/store/store.js';
import { asError, RedlinkError, type ErrorCode } from '../../src/support/errors.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { Catalogue } from './catalogue.js';
import { readConsumerConfig, type ConsumerConfig } from './consumer-config.js';
import { instance, type Roles } from './instance.js';
import { Intake } from './intake.js';
import { StatusLine } from './status.js';
import { isRecord, textOf } from './values.js';

/** Topics, in lower case, that ask for a message (manual read) instead of replying. */
const READ_TOPICS: ReadonlySet<string> = new Set(['read', 'consumerread']);

type Done = (error?: Error) => void;

/** What the flow gave the consumer, and how the outcome is told. */
interface Arrived {
  readonly message: NodeMessageInFlow;
  readonly done: Done;
}

/** Registers the node type `redlink consumer`. */
export function registerConsumer(RED: NodeAPI): void {
  function ConsumerNode(this: Node, properties: NodeDef): void {
    RED.nodes.createNode(this, properties);
    new ConsumerNodeRuntime(RED, this, readConsumerConfig(this.id, { ...properties })).start();
  }
  RED.nodes.registerType('redlink consumer', ConsumerNode);
}

const OUTPUTS = { receive: 0, notify: 1, failure: 2, debug: 3 } as const;

/** One consumer node of the flow. */
class ConsumerNodeRuntime implements ConsumerEvents {
  private readonly clock = new SystemClock();
  private readonly catalogue: Catalogue;
  private readonly statusLine: StatusLine;
  private consumer: Consumer | undefined;
  private stopWatching: () => void = () => undefined;
  private stopSucceeding: () => void = () => undefined;
  private flowEnded = false;
  /** Messages that were only sent, and that the next node of the flow gets a turn of the event loop later. */
  private unheard: ReceivedMessage[] = [];
  /** Replies and reads on their way into the store; they wait while that is being made, or made anew by a deploy. */
  private readonly intake: Intake<Arrived>;

  constructor(
    RED: NodeAPI,
    private readonly node: Node,
    private readonly config: ConsumerConfig,
  ) {
    this.catalogue = new Catalogue(RED, 'redlink-consumer');
    this.intake = new Intake(
      (arrived) => {
        this.handle(arrived);
      },
      () => this.consumer !== undefined || !instance.isComing(config.storeName),
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
      this.intake.put({ message, done });
    });
    this.node.on('close', (removed: boolean, done: () => void) => {
      this.close(!removed && instance.flowsGoOn);
      done();
    });
    if (this.config.options.service === '') {
      this.node.error(
        this.catalogue.text('warning.blankName', 'A consumer needs a name: the service that it offers.'),
      );
      this.statusLine.update();
      return;
    }
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
    this.consumer = new roles.Consumer(this.config.options, this.clock, this);
    this.consumer.attach(store);
    this.intake.wake();
    this.stopSucceeding = instance.successors.enter(this.config.options.id, (message) => {
      this.received(message);
    });
    this.statusLine.update();
  }

  private left(): void {
    this.consumer?.forgetStore();
    this.consumer = undefined;
    if (!instance.isComing(this.config.storeName)) this.intake.drain();
    this.statusLine.update();
  }

  /** @param flowGoesOn whether what the consumer has read may still be answered, by its successor */
  private close(flowGoesOn: boolean): void {
    this.stopWatching();
    this.statusLine.close();
    this.intake.drain();
    this.stopSucceeding();
    this.flowEnded = !flowGoesOn;
    if (this.flowEnded) for (const message of this.unheard) this.leave(message);
    if (this.consumer !== undefined) this.consumer.detach(flowGoesOn);
    else if (!flowGoesOn) instance.consumerLost(this.config.storeName, this.config.options.id);
    this.consumer = undefined;
  }

  // --- input ------------------------------------------------------------------------------------

  private handle({ message, done }: Arrived): void {
    this.input(message).then(
      (failure) => {
        done(failure);
      },
      (error: unknown) => {
        this.refused(message, error, done);
      },
    );
  }

  private async input(message: NodeMessageInFlow): Promise<RedlinkError | undefined> {
    const { consumer } = this;
    const fields: Record<string, unknown> = { ...message };
    const messageId = textOf(fields['redlinkMsgId']);
    const reads = READ_TOPICS.has(textOf(message.topic).toLowerCase());
    if (consumer === undefined) {
      const error = new RedlinkError('NO_STORE', `No ${this.config.storeName}`);
      const action = reads ? 'consumerRead' : 'consumerReply';
      this.failed({ action, code: error.code, text: error.message, messageId, asked: true });
      return error;
    }
    if (reads) return consumer.read(messageId === '' ? undefined : messageId);
    const cerror = fields['cerror'];
    const error = cerror === undefined || cerror === '' ? undefined : { value: cerror };
    return consumer.reply(messageId, message.payload, error);
  }

  /** The reply could not be taken: not serialisable, or the disk refused it. */
  private refused(message: NodeMessageInFlow, thrown: unknown, done: Done): void {
    const error = asError(thrown);
    const code: ErrorCode = error instanceof RedlinkError ? error.code : 'PAYLOAD_IO';
    const messageId = textOf({ ...message }.redlinkMsgId);
    this.emitFailure({ action: 'consumerReply', code, text: error.message, messageId, asked: true });
    done(error);
  }

  // --- what the consumer says -------------------------------------------------------------------

  notified(notice: NotifyNotice): void {
    const { options, storeName } = this.config;
    this.emit(OUTPUTS.notify, {
      redlinkMsgId: notice.messageId,
      notifyType: 'producerNotification',
      src: {
        redlinkProducerId: notice.producerId,
        storeName: notice.sourceStore,
        storeAddress: notice.sourceAddress,
      },
      dest: { storeName, serviceName: options.service, consumer: options.id },
      path: notice.path.map((hop) => ({
        store: hop.storeName,
        address: hop.address.host,
        port: hop.address.port,
        enforceReversePath: hop.reversePath,
      })),
      notifyCount: notice.notifyCount,
    });
  }

  received(received: ReceivedMessage): void {
    if (received.meta.sendOnly) {
      if (this.flowEnded) {
        this.leave(received);
        return;
      }
      this.noteUnheard(received);
    }
    const { options, storeName } = this.config;
    const { meta, message } = received;
    const repeat =
      meta.deliveryCount > 1 ? { redelivered: true, deliveryCount: meta.deliveryCount } : undefined;
    const output = {
      redlinkMsgId: meta.messageId,
      consumerName: options.service,
      consumerId: options.id,
      consumerStoreName: storeName,
      action: 'consumerRead',
      direction: 'inBound',
      redlinkProducerId: meta.producerId,
      producerStoreName: meta.storeName,
      sendOnly: String(meta.sendOnly),
      error: false,
      enm: String(received.room),
      notifyReadDelay: received.readDelayMs,
      readTransport: received.transportMs,
      notifyCount: received.notifyCount,
      payload: isRecord(message) ? message['payload'] : undefined,
      request: message,
      ...repeat,
    };
    this.emit(OUTPUTS.receive, output);
    if (!this.config.showDebug) return;
    // What a message contains is the receive output's business.
    const data = { ...output, payload: undefined, request: undefined };
    this.emit(OUTPUTS.debug, { storeName, action: 'consumerRead', data });
  }

  private noteUnheard(received: ReceivedMessage): void {
    this.unheard.push(received);
    if (this.unheard.length > 1) return;
    setImmediate(() => {
      this.unheard = [];
    });
  }

  /** The flow has ended before it could hear of the message: the node that takes this one's place gives it. */
  private leave(received: ReceivedMessage): void {
    instance.successors.leave(this.config.options.id, received);
  }

  failed(failure: ConsumerFailure): void {
    this.emitFailure(failure);
    if (!failure.asked) this.node.error(this.explained(failure), { redlinkMsgId: failure.messageId });
  }

  changed(): void {
    this.statusLine.update();
  }

  // --- outputs ----------------------------------------------------------------------------------

  private explained({ code, text }: ConsumerFailure): string {
    return this.catalogue.explain({ code, message: text });
  }

  private emitFailure(failure: ConsumerFailure): void {
    const { action, code, messageId } = failure;
    const { options, storeName } = this.config;
    this.emit(OUTPUTS.failure, {
      storeName,
      consumerName: options.service,
      consumerId: options.id,
      action,
      error: this.explained(failure),
      redlinkMsgId: messageId ?? null,
      code,
    });
  }

  private emit(output: number, message: Record<string, unknown>): void {
    const outputs: (Record<string, unknown> | null)[] = new Array<null>(output).fill(null);
    outputs.push(message);
    this.node.send(outputs);
  }

  private status(): NodeStatus {
    const { catalogue, consumer } = this;
    const { options, storeName } = this.config;
    const red = (text: string): NodeStatus => ({ fill: 'red', shape: 'ring', text });
    if (options.service === '') return red(catalogue.text('status.blankName', 'Error: blank name'));
    if (consumer === undefined) {
      if (instance.isComing(storeName)) {
        return { fill: 'grey', shape: 'ring', text: catalogue.text('status.initialising', 'Initialising') };
      }
      return red(catalogue.text('status.noStore', `Error: No ${storeName}`, { store: storeName }));
    }
    const waiting = consumer.waitingCount();
    const text = catalogue.text('status.waiting', `N:${waiting}`, { waiting });
    return { fill: 'green', shape: 'dot', text };
  }
}
