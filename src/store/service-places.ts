import type { Engine } from '../engine/engine.js';
import { FULL_ROOM_PERCENT } from '../mesh/route-order.js';
import type { Places } from '../mesh/vacancies.js';
import type { Inbox } from './inbox.js';

/** The places of all consumers of a service that are attached to this store, taken together. */
export class ServicePlaces implements Places {
  constructor(
    private readonly engine: Engine,
    private readonly inbox: Inbox,
  ) {}

  serves(service: string): boolean {
    return this.inbox.serves(service);
  }

  places(service: string): number {
    let places = 0;
    for (const { consumerId } of this.engine.consumers.ofService(service)) {
      places += this.inbox.freePlaces(consumerId);
    }
    return places;
  }

  leastRoom(service: string): number {
    const consumers = this.engine.consumers.ofService(service);
    const rooms = consumers.map(({ consumerId }) => this.inbox.room(consumerId));
    return Math.min(FULL_ROOM_PERCENT, ...rooms);
  }
}
