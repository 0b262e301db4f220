/** What is compared: each system carries the same message there and its answer back. All run at the same time and are measured in turns. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeIdentity } from '../src/transport/https/certificate.js';
import { freePort } from '../test/support/free-port.js';
import { BareHttps } from './bare-https.js';
import {
  asking,
  echoing,
  flow,
  httpAnswering,
  httpAsking,
  linkCall,
  mqttAnswering,
  mqttAsking,
  store,
  type BenchNode,
} from './flows.js';
import { BenchInstance } from './node-red.js';

/** One way to carry a message to somebody and the answer back. */
export interface System {
  readonly name: string;
  /** Runs a closed loop. */
  loop(inFlight: number, ms: number): Promise<LoopResult>;
  /** Its processes: what they cost is the cost of the system. */
  readonly instances: readonly BenchInstance[];
}

export interface LoopResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** All systems of a run, with what must be ended after it. */
export interface Systems {
  readonly all: readonly System[];
  end(): Promise<void>;
}

const MESSAGE_BYTES = 1_024;
const SETTLE_MS = 3_000;
const SERVICE = 'echo';
/** Has the stores of a process speak the wire of 3.0.5. */
const LEGACY_WIRE = join(import.meta.dirname, 'driver', 'legacy-wire.mjs');

/** Names of systems, in the order of the report. */
export const SYSTEM_NAMES = [
  'link call',
  'redlink one process',
  'redlink one process memory',
  'redlink one process power-safe',
  'bare https',
  'http nodes over https',
  'mqtt qos 0',
  'mqtt qos 1',
  'redlink two processes',
  'redlink two processes other way',
  'redlink two processes memory',
  'redlink two processes power-safe',
  'redlink two processes 3.0.5 wire',
  'redlink two processes in mesh mode',
  'redlink transit',
  'redlink transit direct',
  'redlink mesh of six',
] as const;
export type SystemName = (typeof SYSTEM_NAMES)[number];

/** Starts the systems named. @param profiles folder for CPU profiles */
export async function startSystems(
  names: readonly SystemName[],
  profiles: string | undefined,
): Promise<Systems> {
  const making = new Making(profiles);
  try {
    for (const name of names) await making.make(name);
    // Stores find each other, connections are made, V8 calms down after the start.
    await pause(SETTLE_MS);
    return { all: making.systems, end: () => making.end() };
  } catch (error) {
    await making.end();
    throw error;
  }
}

/** Whether there is a broker to compare with: `apt-get install mosquitto`. */
export function hasMosquitto(): boolean {
  return spawnSync('mosquitto', ['-h']).error === undefined;
}

class Making {
  readonly systems: System[] = [];
  private readonly ends: (() => Promise<void>)[] = [];

  constructor(private readonly profiles: string | undefined) {}

  async end(): Promise<void> {
    await Promise.all(this.ends.map((end) => end()));
  }

  async make(name: SystemName): Promise<void> {
    switch (name) {
      case 'link call':
        this.add(name, 'link', await this.start(flow(linkCall())));
        return;
      case 'bare https':
        return this.bareHttps(name);
      case 'http nodes over https':
        return this.httpNodes(name);
      case 'mqtt qos 0':
        return this.mqtt(name, 0);
      case 'mqtt qos 1':
        return this.mqtt(name, 1);
      case 'redlink one process':
        return this.oneProcess(name, 'crash-safe');
      case 'redlink one process memory':
        return this.oneProcess(name, 'memory');
      case 'redlink one process power-safe':
        return this.oneProcess(name, 'power-safe');
      case 'redlink two processes':
        return this.twoProcesses(name, {});
      case 'redlink two processes other way':
        return this.otherWay(name);
      case 'redlink two processes memory':
        return this.twoProcesses(name, { persistence: 'memory' });
      case 'redlink two processes 3.0.5 wire':
        return this.twoProcesses(name, {}, [LEGACY_WIRE]);
      case 'redlink two processes power-safe':
        return this.twoProcesses(name, { persistence: 'power-safe' });
      case 'redlink two processes in mesh mode':
        return this.meshMode(name);
      case 'redlink transit':
        return this.transit(name, true);
      case 'redlink transit direct':
        return this.transit(name, false);
      case 'redlink mesh of six':
        return this.six(name);
    }
  }

  private async oneProcess(name: SystemName, persistence: string): Promise<void> {
    const port = await freePort();
    const parts = [store('a', { port, persistence }), asking('ask', 'a', SERVICE), echoing('a', SERVICE)];
    this.add(name, 'ask', await this.start(flow(...parts)));
  }

  private async twoProcesses(
    name: SystemName,
    more: Record<string, string>,
    imports: readonly string[] = [],
  ): Promise<void> {
    const [a, b] = [await freePort(), await freePort()];
    const { profiles } = this;
    const answering = flow(store('b', { port: b, ...more }), echoing('b', SERVICE));
    const asks = flow(store('a', { port: a, norths: [b], ...more }), asking('ask', 'a', SERVICE));
    const answers = await this.begin(new BenchInstance(answering, { profiles, imports }));
    this.add(name, 'ask', await this.begin(new BenchInstance(asks, { profiles, imports })), answers);
  }

  /** The store that asks is the north. */
  private async otherWay(name: SystemName): Promise<void> {
    const [a, b] = [await freePort(), await freePort()];
    const asks = await this.start(flow(store('a', { port: a }), asking('ask', 'a', SERVICE)));
    this.add(
      name,
      'ask',
      asks,
      await this.start(flow(store('b', { port: b, norths: [a] }), echoing('b', SERVICE))),
    );
  }

  private async meshMode(name: SystemName): Promise<void> {
    const [a, b] = [await freePort(), await freePort()];
    const keyed = { security: 'mesh' };
    const answering = await this.startKeyed(
      flow(store('b', { port: b, ...keyed }), echoing('b', SERVICE)),
      'b',
    );
    const asks = flow(store('a', { port: a, norths: [b], ...keyed }), asking('ask', 'a', SERVICE));
    this.add(name, 'ask', await this.startKeyed(asks, 'a'), answering);
  }

  private async transit(name: SystemName, reversePath: boolean): Promise<void> {
    const [a, t, b] = [await freePort(), await freePort(), await freePort()];
    const between = await this.start(flow(store('t', { port: t })));
    const answering = await this.start(flow(store('b', { port: b, norths: [t] }), echoing('b', SERVICE)));
    const asks = flow(store('a', { port: a, norths: [t] }), asking('ask', 'a', SERVICE, reversePath));
    this.add(name, 'ask', await this.start(asks), answering, between);
  }

  /** The high-availability picture of docs/ROUTING.md: S1 asks, S2 answers. */
  private async six(name: SystemName): Promise<void> {
    const norths: Record<string, string[]> = {
      s21: [],
      s11: ['s21'],
      s20: ['s11', 's21'],
      s10: ['s20', 's11', 's21'],
      s2: ['s20', 's21'],
      s1: ['s10', 's11'],
    };
    const ports = new Map<string, number>();
    for (const id of Object.keys(norths)) ports.set(id, await freePort());
    const instances: BenchInstance[] = [];
    for (const [id, its] of Object.entries(norths)) {
      const own = store(id, {
        port: ports.get(id) ?? NaN,
        norths: its.map((north) => ports.get(north) ?? NaN),
      });
      const role = id === 's1' ? asking('ask', 's1', SERVICE) : id === 's2' ? echoing('s2', SERVICE) : [];
      instances.unshift(await this.start(flow(own, role)));
    }
    this.systems.push(loopOf(name, 'ask', instances));
  }

  private async httpNodes(name: SystemName): Promise<void> {
    const identity = await makeIdentity();
    const https = { key: identity.key, cert: identity.cert };
    const answering = new BenchInstance(flow(httpAnswering()), { settings: { https }, withRedlink: false });
    this.ends.push(() => answering.stop());
    await answering.start();
    this.add(name, 'http', await this.start(flow(httpAsking(answering.port)), false), answering);
  }

  private async bareHttps(name: SystemName): Promise<void> {
    const bare = await BareHttps.start();
    this.ends.push(async () => {
      bare.end();
    });
    this.systems.push({
      name,
      instances: [],
      loop: (inFlight, ms) => bare.loop(inFlight, ms, MESSAGE_BYTES),
    });
  }

  private async mqtt(name: SystemName, qos: 0 | 1): Promise<void> {
    const port = await this.broker();
    const answering = await this.start(flow(mqttAnswering(port, qos)), false);
    this.add(name, `mqtt${qos}`, await this.start(flow(mqttAsking(port, qos)), false), answering);
  }

  private async broker(): Promise<number> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'redlink-bench-mqtt-'));
    const config = join(folder, 'mosquitto.conf');
    writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\n`);
    const child: ChildProcess = spawn('mosquitto', ['-c', config], { stdio: 'ignore' });
    this.ends.push(async () => {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    });
    return port;
  }

  private add(name: SystemName, driver: string, ...instances: BenchInstance[]): void {
    this.systems.push(loopOf(name, driver, instances));
  }

  private async start(nodes: readonly BenchNode[], withRedlink = true): Promise<BenchInstance> {
    return this.begin(new BenchInstance(nodes, { withRedlink, profiles: this.profiles }));
  }

  private async startKeyed(nodes: readonly BenchNode[], storeId: string): Promise<BenchInstance> {
    return this.begin(new BenchInstance(nodes, { profiles: this.profiles, keyedStore: storeId }));
  }

  private async begin(instance: BenchInstance): Promise<BenchInstance> {
    this.ends.push(() => instance.stop());
    await instance.start();
    return instance;
  }
}

/** The first instance has the driver. */
function loopOf(name: string, driver: string, instances: readonly BenchInstance[]): System {
  return {
    name,
    instances,
    loop: async (inFlight, ms) => {
      const [asks] = instances;
      const {
        perSecond = NaN,
        p50 = NaN,
        p99 = NaN,
      } = (await asks?.drive(driver, { job: 'loop', inFlight, ms, bytes: MESSAGE_BYTES })) ?? {};
      return { perSecond, p50, p99 };
    },
  };
}
