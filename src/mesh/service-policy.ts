/** Names of services; an empty list allows all (NODES.md, "New in version 4"). */
export interface ServiceLists {
  /** What consumers of this store may offer to other stores. */
  readonly offer: readonly string[];
  /** What producers of this store may send to. */
  readonly produce: readonly string[];
  /** What this store passes on between other stores. */
  readonly carry: readonly string[];
}

/** Allows everything. */
export const ALL_SERVICES: ServiceLists = { offer: [], produce: [], carry: [] };

/** Which services a store may offer, produce to and carry (SECURITY.md, "Two modes"). */
export class ServicePolicy {
  private readonly lists: { readonly [List in keyof ServiceLists]: ReadonlySet<string> };

  constructor({ offer, produce, carry }: ServiceLists) {
    this.lists = { offer: new Set(offer), produce: new Set(produce), carry: new Set(carry) };
  }

  mayOffer(service: string): boolean {
    return allows(this.lists.offer, service);
  }

  mayProduce(service: string): boolean {
    return allows(this.lists.produce, service);
  }

  mayCarry(service: string): boolean {
    return allows(this.lists.carry, service);
  }
}

function allows(list: ReadonlySet<string>, service: string): boolean {
  return list.size === 0 || list.has(service);
}
