import type { Address } from '../protocol/address.js';
import type { Acknowledged, Announce } from '../protocol/verbs.js';
import type { Peers } from '../transport/port.js';
import type { Clock, Timer } from '../support/clock.js';
import { describe, RedlinkError } from '../support/errors.js';
import type { SayOnce } from '../support/say-once.js';
import type { Identity } from './identity.js';
import { StandsStillError } from './liveness.js';
import { Recall } from './recall.js';
import { speaksVersion4, type Neighbour, type Neighbours } from './neighbours.js';

/**
 * How often a north peer that is away is tried again, ms: one that returns, or starts after this store, is
 * in use within a fraction of a second.
 */
export const LOST_NORTH_RETRY_MS = 250;

/**
 * A south that announces itself earlier than this after the last time, ms, has started anew: the
 * regular interval is 30 s, and a 3.0.5 store says nothing else that would tell.
 */
const RESTARTED_BEFORE_MS = 28_000;

/**
 * A look at the norths that comes so much too late, ms, says that this store stood still (a frozen
 * process, a machine asleep): its neighbours have given it up meanwhile.
 */
const OVERSLEPT_MS = 2_000;

/** For so long after it stood still, ms, time limits of a store pass that say nothing of others. */
const WAKING_MS = 1_000;

/**
 * A neighbour whose connections ended although all was well is not looked after again for so long, ms: some proxies
 * end each connection after one answer.
 */
const SOUND_FOR_MS = 10_000;

/** What a link was like before a call failed. */
export interface LinkBefore {
  readonly wasReachable: boolean;
  /** Whether it fails for another reason than the last time. */
  readonly isNews: boolean;
}

/** What follows from the coming and going of neighbours. */
export interface LinkEvents {
  /** The neighbour can be reached and must be told everything. @param wasLost whether it was away */
  reached(neighbour: Neighbour, wasLost: boolean): void;
  /** What the neighbour was told counts no more: it has lost it. */
  forgot(neighbour: Neighbour): void;
  /** The neighbour has started anew: what it said in its former life counts no more. */
  restarted(neighbour: Neighbour): void;
  /** A call to the neighbour has failed. */
  lost(link: Neighbour, trouble: RedlinkError, before: LinkBefore): void;
}

/** Keeps track of which neighbours can be reached: announces this store to its norths and notes how calls end. */
export class Links {
  private readonly announcing = new Set<Neighbour>();
  /** Souths that are asked who they are. */
  private readonly verifying = new Map<Neighbour, Promise<string | undefined>>();
  /** Norths that have given this store up, or may have. */
  private readonly toTellAgain = new Set<Neighbour>();
  private probeTimer: Timer | undefined;
  private probeDueAt = Infinity;
  private wokeAt = -Infinity;
  private readonly recall: Recall;
  /** When neighbours were last found well although their connections had ended, monotonic ms. */
  private readonly soundAt = new WeakMap<Neighbour, number>();
  private closed = false;

  constructor(
    private readonly self: Identity,
    private readonly neighbours: Neighbours,
    private readonly peers: Peers,
    private readonly clock: Clock,
    private readonly notes: SayOnce,
    private readonly events: LinkEvents,
  ) {
    this.recall = new Recall(self.address, peers, clock);
    peers.onCut?.((to) => {
      for (const link of [neighbours.findNorth(to), neighbours.findSouth(to)]) {
        if (link !== undefined) void this.lookAfter(link);
      }
    });
  }

  start(): void {
    for (const north of this.neighbours.north()) void this.announceTo(north);
    this.scheduleProbe();
  }

  close(): void {
    this.closed = true;
    this.probeTimer?.cancel();
    this.recall.close();
  }

  /** The regular announcement (WIRE 3: every 30 s). One that is away is tried more often anyway. */
  announceAgain(): void {
    for (const north of this.neighbours.north()) if (north.reachable) void this.announceTo(north);
  }

  /** WIRE 3, `direction: store`: a store makes itself known as a south peer. */
  async announced(announce: Announce): Promise<Acknowledged> {
    const known = this.neighbours.findSouth(announce.from);
    if (known !== undefined && this.isDoubtful(known, announce) && !(await this.isThere(known, announce))) {
      return { kind: 'acknowledged', isDoubted: true };
    }
    // It may have been lost meanwhile.
    const peer = this.neighbours.addSouth(announce.from);
    if (peer !== undefined) return this.take(peer, announce);
    const { host, port } = announce.from;
    this.notes.warn(`south ${host}`, `too many south peers: ${host}:${port} is not taken`);
    return { kind: 'acknowledged' };
  }

  /** Somebody else than before says that he is at this address: a new start, or a store that is wrong about its address. */
  private isDoubtful(peer: Neighbour, { capabilities }: Announce): boolean {
    const isKnown = peer.reachable && peer.announcedAt !== undefined && speaksVersion4(peer);
    return isKnown && capabilities !== undefined && capabilities.bootId !== peer.bootId;
  }

  /** Whether it is who made the announcement that answers at its address. */
  private async isThere(peer: Neighbour, { capabilities }: Announce): Promise<boolean> {
    const asked = this.verifying.get(peer) ?? this.probe(peer);
    this.verifying.set(peer, asked);
    const there = await asked;
    this.verifying.delete(peer);
    if (there === undefined || this.closed) return false;
    if (there === capabilities?.bootId) return true;
    const names = {
      claims: capabilities?.storeName ?? 'another store',
      has: peer.storeName ?? 'another store',
    };
    const text = `${names.claims} says that it is at ${peer.key}, but who answers there is another, known as ${names.has}`;
    this.notes.warn(`address ${peer.key}`, `${text}: its announcement is not believed`);
    return false;
  }

  private take(peer: Neighbour, announce: Announce): Acknowledged {
    const now = this.clock.now();
    // One that said something before has to be told that it was lost: it has left out what it once said.
    const isNew = peer.announcedAt === undefined;
    const bootId = announce.capabilities?.bootId;
    const newStart = peer.bootId !== undefined && bootId !== peer.bootId;
    const sinceLast = now - (peer.announcedAt ?? -Infinity);
    const soon = bootId === undefined && sinceLast < RESTARTED_BEFORE_MS;
    peer.bootId = bootId;
    this.neighbours.introduce(peer, announce.capabilities?.storeName);
    peer.announcedAt = now;
    peer.reachable = true;
    peer.trouble = undefined;
    this.recall.end(peer.address);
    if (newStart) this.events.restarted(peer);
    if (isNew || newStart || soon || announce.hadLostYou) {
      this.events.forgot(peer);
      this.events.reached(peer, false);
    }
    return isNew ? { kind: 'acknowledged', wasUnknown: true } : { kind: 'acknowledged' };
  }

  /** A south that is not known says something: it is one from then on, and told everything. */
  southThat(via: Neighbour['address']): Neighbour | undefined {
    const known = this.neighbours.findSouth(via);
    if (known !== undefined) return known;
    const added = this.neighbours.addSouth(via);
    if (added !== undefined) this.events.reached(added, false);
    return added;
  }

  /** A store says that it has lost this one; only a north of this store is listened to. */
  recalled(by: Address): void {
    const north = this.neighbours.findNorth(by);
    if (north !== undefined && !this.closed) void this.announceTo(north);
  }

  /** A neighbour has answered or asked: a restarted or returned one must hear everything again. */
  heard(neighbour: Neighbour): void {
    if (this.closed) return;
    this.neighbours.setSuspect(neighbour, false);
    const said = this.peers.capabilities(neighbour.address);
    const restarted =
      said !== undefined && neighbour.bootId !== undefined && said.bootId !== neighbour.bootId;
    neighbour.bootId = said?.bootId ?? neighbour.bootId;
    this.neighbours.introduce(neighbour, said?.storeName);
    neighbour.trouble = undefined;
    if (neighbour.reachable && !restarted) return;
    const wasLost = !neighbour.reachable;
    neighbour.reachable = true;
    if (restarted) {
      this.events.restarted(neighbour);
      this.events.forgot(neighbour);
    }
    this.events.reached(neighbour, wasLost);
  }

  /** A call to a neighbour has failed: it fails on both sides at once (WIRE 3). */
  failed(neighbour: Neighbour, cause: unknown): void {
    if (this.closed || cause instanceof StandsStillError || this.wasAsleep(cause)) return;
    this.neighbours.setSuspect(neighbour, false);
    const trouble = troubleFrom(cause);
    for (const link of this.neighbours.linksTo(neighbour)) {
      const before = { wasReachable: link.reachable, isNews: link.trouble?.code !== trouble.code };
      link.reachable = false;
      link.trouble = trouble;
      if (link.side === 'south') this.forget(link);
      this.events.lost(link, trouble, before);
    }
  }

  private forget(south: Neighbour): void {
    const heir = this.neighbours.removeSouth(south);
    if (speaksVersion4(south)) this.recall.begin(south.address);
    if (heir === undefined) return;
    // What it said was refused as long as the name was another's: it has to say all of it again.
    heir.announcedAt = undefined;
    this.recall.begin(heir.address);
  }

  /** Another store claims the name of this neighbour: is it still there? */
  doubt(neighbour: Neighbour): void {
    void this.lookAfter(neighbour);
  }

  /** Time limits that passed while this store stood still say nothing of others. */
  private wasAsleep(cause: unknown): boolean {
    if (!(cause instanceof RedlinkError) || cause.code !== 'PEER_TIMEOUT') return false;
    const now = this.clock.now();
    return now - this.probeDueAt > OVERSLEPT_MS || now - this.wokeAt < WAKING_MS;
  }

  /** The connections to a neighbour have ended: it may have died, and may be back before anybody calls it. */
  private async lookAfter(neighbour: Neighbour): Promise<void> {
    const now = this.clock.now();
    const wasSound = now - (this.soundAt.get(neighbour) ?? -Infinity) < SOUND_FOR_MS;
    if (this.closed || wasSound || !neighbour.reachable || !speaksVersion4(neighbour)) return;
    const isSound =
      neighbour.side === 'north'
        ? await this.announceTo(neighbour)
        : (await this.probe(neighbour)) !== undefined;
    if (isSound) this.soundAt.set(neighbour, now);
  }

  /** @returns which start of a store it is that answers; undefined: none does */
  private async probe(south: Neighbour): Promise<string | undefined> {
    try {
      return (await this.peers.call(south.address, { verb: 'probe' })).bootId;
    } catch (error) {
      this.failed(south, error);
      return undefined;
    }
  }

  /** @returns whether it is there and knew this store all the time */
  private async announceTo(north: Neighbour): Promise<boolean> {
    if (this.announcing.has(north)) return false;
    this.announcing.add(north);
    north.mayRestart = false;
    const { address: from, capabilities } = this.self;
    try {
      const hadLostYou = !north.reachable;
      const answer = await this.peers.call(north.address, {
        verb: 'announce',
        from,
        capabilities,
        hadLostYou,
      });
      const hasLostUs = north.reachable && speaksVersion4(north) && answer.wasUnknown === true;
      const again = this.toTellAgain.delete(north) || hasLostUs;
      this.noteDowngrade(north);
      this.heard(north);
      if (!again || this.closed) return true;
      this.events.forgot(north);
      this.events.reached(north, false);
      return false;
    } catch (error) {
      this.failed(north, error);
      return false;
    } finally {
      this.announcing.delete(north);
    }
  }

  /** A 3.0.5 store has taken the place of a new one. */
  private noteDowngrade(north: Neighbour): void {
    if (!speaksVersion4(north) || this.peers.capabilities(north.address) !== undefined) return;
    north.bootId = undefined;
    this.events.restarted(north);
  }

  private scheduleProbe(): void {
    this.probeDueAt = this.clock.now() + LOST_NORTH_RETRY_MS;
    this.probeTimer = this.clock.after(LOST_NORTH_RETRY_MS, () => {
      if (this.closed) return;
      const overslept = this.clock.now() - this.probeDueAt > OVERSLEPT_MS;
      if (overslept) this.wokeAt = this.clock.now();
      for (const north of this.neighbours.north()) {
        if (overslept) this.toTellAgain.add(north);
        if (overslept || !north.reachable || north.mayRestart) void this.announceTo(north);
      }
      this.scheduleProbe();
    });
  }
}

function troubleFrom(cause: unknown): RedlinkError {
  return cause instanceof RedlinkError ? cause : new RedlinkError('PEER_UNREACHABLE', describe(cause), cause);
}
