import { neighbourOf, rankRoutes } from '../../../src/mesh/offer-choice.js';
import { addressKey, type Address } from '../../../src/protocol/address.js';
import type { MeshWorld } from './mesh-world.js';
import type { Index } from './topology.js';

/** How many loops are told in words: one says what is wrong, the others that it is wrong. */
const MOST_TOLD = 20;

/**
 * Watches what the stores would do with an offer, after every event. Only what an event has changed is looked at: the
 * store that it touched, and the services that it was about.
 */
export class RouteWatch {
  /** Offers that came back to a store, though an offer says where it has been: never right, at any moment. */
  readonly loops: string[] = [];
  /** Best routes, each taken by itself, that led round in a circle while a change was under way: offers leave these. */
  circles = 0;
  /** When a store's choice for a service changed last, ms of simulated time. */
  choseAt = 0;
  /** Store and service → the neighbour that it would choose, and how far the consumer is by it. */
  private readonly chosen = new Map<string, string>();
  /** What events have touched since the last step: store → services; undefined: all of them. */
  private touched = new Map<Index, Set<string> | undefined>();
  /** Services of which a choice has changed since all stores were looked at. */
  private readonly changed = new Set<string>();

  constructor(private readonly world: MeshWorld) {
    world.network.onTouched = (at, service) => {
      this.touch(at, service);
    };
    world.clock.onStep = () => {
      this.step();
    };
  }

  /** A new change begins. */
  begin(): void {
    this.loops.length = 0;
    this.circles = 0;
    this.choseAt = this.world.clock.now();
  }

  /** Follows the offers of all stores for every service of which a choice has changed since the last time. */
  lookAtAll(): void {
    for (const service of this.changed) {
      for (let at = 0; at < this.world.topology.stores; at += 1) this.follow(at, service);
    }
    this.changed.clear();
  }

  private touch(address: Address, service: string | undefined): void {
    const at = this.world.indexOf(addressKey(address));
    if (service === undefined) {
      this.touched.set(at, undefined);
      return;
    }
    const services = this.touched.has(at) ? this.touched.get(at) : new Set<string>();
    services?.add(service);
    this.touched.set(at, services);
  }

  private step(): void {
    if (this.touched.size === 0) return;
    const touched = this.touched;
    this.touched = new Map();
    for (const [at, services] of touched) {
      for (const service of services ?? this.world.services) this.compare(at, service);
    }
  }

  /** A circle that comes up passes through the store whose choice has just changed. */
  private compare(at: Index, service: string): void {
    const routes = this.world.store(at).engine.routes.ofService(service);
    const [best] = rankRoutes(routes, { order: this.world.order, avoid: () => false });
    const choice = best === undefined ? '' : `${neighbourOf(best)} ${best.hopCount}`;
    const key = `${at} ${service}`;
    if ((this.chosen.get(key) ?? '') === choice) return;
    this.chosen.set(key, choice);
    this.choseAt = this.world.clock.now();
    this.changed.add(service);
    this.follow(at, service);
    const { end, stores } = this.world.walk(at, service, false);
    if (end !== 'loops') return;
    this.circles += 1;
    for (const store of stores) this.follow(store, service);
  }

  private follow(from: Index, service: string): void {
    const { end, stores } = this.world.walk(from, service, true);
    if (end !== 'loops' || this.loops.length >= MOST_TOLD) return;
    const way = stores.map((store) => `s${store}`).join(' → ');
    this.loops.push(`an offer of ${service} comes back at ${Math.round(this.world.clock.now())} ms: ${way}`);
  }
}
