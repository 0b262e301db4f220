import type { Engine } from '../engine/engine.js';
import { FULL_ROOM_PERCENT } from '../mesh/route-order.js';

/** How much room the consumers of a store have, and whose turn it is. */
export class ConsumerRooms {
  private readonly lastServed = new Map<string, number>();
  private servings = 0;

  /**
   * @param limitOf in-transit limit of a consumer; 0 where it is not attached
   * @param correction places that are taken without a row, less the rows that count no more
   */
  constructor(
    private readonly engine: Engine,
    private readonly limitOf: (consumerId: string) => number,
    private readonly correction: (consumerId: string) => number,
  ) {}

  /** The attached consumer of the service with the most room; of equals the one served longest ago. */
  pick(service: string): string | undefined {
    let best: { id: string; room: number; served: number } | undefined;
    for (const { consumerId: id } of this.engine.consumers.ofService(service)) {
      const candidate = { id, room: this.room(id), served: this.lastServed.get(id) ?? 0 };
      if (candidate.room >= FULL_ROOM_PERCENT) continue;
      const better =
        best === undefined ||
        candidate.room < best.room ||
        (candidate.room === best.room && candidate.served < best.served);
      if (better) best = candidate;
    }
    if (best === undefined) return undefined;
    this.servings += 1;
    this.lastServed.set(best.id, this.servings);
    return best.id;
  }

  /** Outstanding over limit, whole percent (WIRE 7, `enm`). */
  room(consumerId: string): number {
    const limit = this.limitOf(consumerId);
    if (limit <= 0) return FULL_ROOM_PERCENT;
    const used = this.used(consumerId);
    const percent = Math.round((used / limit) * FULL_ROOM_PERCENT);
    // Rounding must not make a free place look taken: 199 of 200 have room for one more.
    return used < limit ? Math.min(percent, FULL_ROOM_PERCENT - 1) : percent;
  }

  /** How many more messages the consumer could be given now. */
  freePlaces(consumerId: string): number {
    const limit = this.limitOf(consumerId);
    return Math.max(0, limit - this.used(consumerId));
  }

  private used(consumerId: string): number {
    return this.engine.notifies.outstanding(consumerId) + this.correction(consumerId);
  }

  /** The consumer is gone. */
  forget(consumerId: string): void {
    this.lastServed.delete(consumerId);
  }
}
