/** A picture brought to life: one process per store, real HTTPS between them. */
import assert from 'node:assert/strict';
import { availableParallelism, loadavg } from 'node:os';
import { freePort } from '../support/free-port.js';
import { until } from '../support/outlet.js';
import { StoreProcess } from '../support/store-process.js';
import { propertiesOf, type DrawnStore, type Picture } from './topology-pictures.js';

/**
 * How many times longer than on an idle machine something may take. The bounds under test are 1 and 2 s; what would break
 * them in earnest (a time limit of 5 s, the resync every 30 s, the lifetime of 120 s) takes longer than three times as
 * much, so that the factor hides no defect on a machine that does nothing else.
 */
const ROOM_FOR_CHANCE = 3;

/** Fails where something took longer than it may; a processor that others share makes it proportionally longer. */
export function assertWithin(ms: number, boundMs: number, what: string): void {
  const [queued = 0] = loadavg();
  const allowed = boundMs * ROOM_FOR_CHANCE * Math.max(1, queued / availableParallelism());
  assert.ok(ms < allowed, `${what} only after ${Math.round(ms)} ms, ${Math.round(allowed)} are allowed here`);
}

/** How long a test waits for what must come before it says what is missing, ms. */
export const PATIENCE_MS = 60_000;

/** Messages at once that every echo takes. */
const IN_TRANSIT_LIMIT = 64;

export class Mesh {
  private readonly processes = new Map<string, StoreProcess>();
  private readonly ports = new Map<string, number>();

  private constructor(readonly picture: Picture) {}

  /** Starts the processes, all at the same time; there are no stores in them yet. */
  static async of(picture: Picture): Promise<Mesh> {
    const mesh = new Mesh(picture);
    for (const { name, wallOffsetMs } of picture.stores) {
      mesh.ports.set(name, await freePort());
      mesh.processes.set(name, new StoreProcess(wallOffsetMs));
    }
    await Promise.all([...mesh.processes.values()].map((process) => process.start()));
    return mesh;
  }

  at(name: string): StoreProcess {
    const process = this.processes.get(name);
    if (process === undefined) throw new Error(`the picture has no store ${name}`);
    return process;
  }

  /** Opens a store; its process is started anew where it was killed. @returns when it was open, epoch ms. */
  async open(name: string): Promise<number> {
    const process = this.at(name);
    if (!process.runs) await process.start();
    const drawn = this.drawn(name);
    const properties = propertiesOf(drawn, this.picture, (store) => this.ports.get(store) ?? NaN);
    const { offers, inTransitLimit = IN_TRANSIT_LIMIT, thinkMs } = drawn;
    return process.open(properties, offers, inTransitLimit, thinkMs);
  }

  async openAll(): Promise<void> {
    await Promise.all(this.picture.stores.map(({ name }) => this.open(name)));
    await this.settled();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.processes.values()].map((process) => process.close()));
  }

  async dispose(): Promise<void> {
    await Promise.allSettled([...this.processes.values()].map((process) => process.dispose()));
  }

  /** Waits until every open store sees exactly what it must. */
  async settled(): Promise<void> {
    await until(
      () => this.picture.stores.every(({ name }) => this.isRight(name)),
      () => `not every store sees what it must: ${this.whatIsSeen()}`,
      PATIENCE_MS,
    );
  }

  /** The moment at which the last store began to see all that it must, epoch ms. */
  async settledAt(): Promise<number> {
    await this.settled();
    return Math.max(...this.picture.stores.map(({ name }) => this.at(name).of('services').at(-1)?.at ?? 0));
  }

  /** Fails where a store sees more or less than it must, now. */
  assertRight(): void {
    assert.ok(
      this.picture.stores.every(({ name }) => this.isRight(name)),
      this.whatIsSeen(),
    );
  }

  /** What went wrong at producers and consumers, over all processes. */
  failures(): string[] {
    return [...this.processes].flatMap(([name, process]) =>
      process.of('failed').map(({ text }) => `${name}: ${text}`),
    );
  }

  private isRight(name: string): boolean {
    const process = this.at(name);
    return !process.isOpen || process.services.join() === [...(this.picture.sees[name] ?? [])].sort().join();
  }

  private whatIsSeen(): string {
    return this.picture.stores.map(({ name }) => `${name}: [${this.at(name).services.join()}]`).join(', ');
  }

  private drawn(name: string): DrawnStore {
    const found = this.picture.stores.find((store) => store.name === name);
    if (found === undefined) throw new Error(`the picture has no store ${name}`);
    return found;
  }
}
