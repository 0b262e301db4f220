/** Three Node-RED processes in a row, through which large payloads go both ways. */
import { readFileSync } from 'node:fs';
import { freePort } from '../support/free-port.js';
import { consumer, flowOf, producer, store, type FlowNode } from '../system/flow.js';
import { disposeAll, Instance } from '../system/instance.js';
import { MemoryOf } from './memory-of.js';
import { until } from '../support/outlet.js';
import { addLargeNodes, gauge, gaugedSchema, madeSchema, maker, type Recipe } from './nodes.js';

const HOST = '127.0.0.1';
const MS_PER_SECOND = 1_000;

/** What came of one transfer. */
export interface Transfer {
  /** Whether exactly what was sent has come. */
  readonly intact: boolean;
  readonly seconds: number;
  readonly bytesPerSecond: number;
  /** Bytes over what each end held before. */
  readonly senderGrew: number;
  readonly receiverGrew: number;
  /** Bytes that the relay has held in all, and over what it held before. */
  readonly relayHeld: number;
  readonly relayGrew: number;
}

/** `near` asks, `far` answers, `relay` stands between them: neither end can reach the other. */
export class Chain {
  private readonly memory: ReadonlyMap<Instance, MemoryOf>;

  private constructor(
    readonly near: Instance,
    readonly relay: Instance,
    readonly far: Instance,
    private readonly withinMs: number,
  ) {
    this.memory = new Map([near, relay, far].map((instance) => [instance, new MemoryOf(instance.pid)]));
  }

  /** @param withinMs - how long a transfer may take */
  static async start(withinMs: number): Promise<Chain> {
    const [one, middle, two] = [await freePort(), await freePort(), await freePort()].map((port) => ({
      host: HOST,
      port,
    }));
    if (one === undefined || middle === undefined || two === undefined) throw new Error('no free ports');
    const prepare = addLargeNodes;
    const patient = { producerETT: withinMs / MS_PER_SECOND };
    const near = new Instance(
      flowOf(
        store('near', one, [middle]),
        producer('sending', 'near', 'taking', patient),
        wiredTo('near-gauge', producer('asking', 'near', 'giving', patient)),
        [maker('near-maker', 'sending'), gauge('near-gauge')],
      ),
      { prepare },
    );
    const relay = new Instance(flowOf(store('relay', middle)), { prepare });
    const far = new Instance(
      flowOf(
        store('far', two, [middle]),
        wiredTo('far-gauge', consumer('taking', 'far', 'taking')),
        wiredTo('far-maker', consumer('giving', 'far', 'giving')),
        [gauge('far-gauge', 'taking'), maker('far-maker', 'giving')],
      ),
      { prepare },
    );
    try {
      await Promise.all([near.start(), relay.start(), far.start()]);
      await near.sees('near', 'taking', 'giving');
      return new Chain(near, relay, far, withinMs);
    } catch (thrown) {
      await disposeAll(near, relay, far);
      throw thrown;
    }
  }

  async stop(): Promise<void> {
    await disposeAll(this.near, this.relay, this.far);
  }

  /** Sends a message with a large payload from `near` to `far`. */
  async send(recipe: Recipe): Promise<Transfer> {
    return this.transfer(this.near, this.far, 'near-maker', 'far-gauge', () => {
      this.near.send('near-maker', { payload: recipe });
    });
  }

  /** Asks `far` for a reply with a large payload. */
  async ask(recipe: Recipe): Promise<Transfer> {
    return this.transfer(this.far, this.near, 'far-maker', 'near-gauge', () => {
      this.near.send('asking', { payload: recipe });
    });
  }

  /**
   * Sends a message with a large payload, and kills the relay when about a quarter of it has gone through.
   * @returns whether it has come as it went, and how often something has come at all
   */
  async sendThroughDyingRelay(recipe: Recipe): Promise<{ intact: boolean; times: number }> {
    const { pid } = this.relay;
    const readBefore = bytesReadBy(pid);
    this.near.send('near-maker', { payload: recipe });
    const made = madeSchema.parse(await this.near.outlet('near-maker').next(this.withinMs));
    await until(
      () => bytesReadBy(pid) - readBefore > recipe.size / 4,
      'the payload does not go through the relay',
      this.withinMs,
    );
    const cameBefore = this.far.outlet('far-gauge').messages.length;
    await this.relay.stop('SIGKILL');
    await this.relay.start();
    const came = gaugedSchema.parse(await this.far.outlet('far-gauge').next(this.withinMs));
    const times = this.far.outlet('far-gauge').messages.length - cameBefore;
    return { intact: came.digest === made.digest, times };
  }

  private async transfer(
    from: Instance,
    to: Instance,
    makerId: string,
    gaugeId: string,
    begin: () => void,
  ): Promise<Transfer> {
    for (const memory of this.memory.values()) memory.begin();
    begin();
    const made = madeSchema.parse(await from.outlet(makerId).next(this.withinMs));
    const came = gaugedSchema.parse(await to.outlet(gaugeId).next(this.withinMs));
    const seconds = (came.cameAt - made.sentAt) / MS_PER_SECOND;
    return {
      intact: came.digest === made.digest,
      seconds,
      bytesPerSecond: came.size / seconds,
      senderGrew: this.memoryOf(from).grown,
      receiverGrew: this.memoryOf(to).grown,
      relayHeld: this.memoryOf(this.relay).peak,
      relayGrew: this.memoryOf(this.relay).grown,
    };
  }

  private memoryOf(instance: Instance): MemoryOf {
    const memory = this.memory.get(instance);
    if (memory === undefined) throw new Error('not an instance of the chain');
    return memory;
  }
}

/** Bytes that a process has read from anywhere, connections included. Linux only. */
function bytesReadBy(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

/** The same node with its first output wired to another one. */
function wiredTo(target: string, [node, ...probes]: FlowNode[]): FlowNode[] {
  if (node === undefined) throw new Error('no node');
  const others = Array.isArray(node['wires']) ? (node['wires'] as unknown[]).slice(1) : [];
  return [{ ...node, wires: [[target], ...others] }, ...probes];
}
