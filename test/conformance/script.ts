import { isObject, type JsonObject, property, textOf } from './json.js';
import { BY_HAND, type Exchange, type Kind, type Output, type Recording } from './recording.js';
import { type Action, StepReader } from './steps.js';

/**
 * What a scene plays: one recording, seen from one of its processes. That process is ours, real nodes in a
 * real Node-RED; every other store of the recording is played.
 *
 * - `flow`: the steps of the recording drive our nodes; everything between stores of different processes is
 *   played, node outputs are compared.
 * - `offers`: the offers and confirmations that 3.0.5 posted to itself are posted to our store.
 * - `reads`: the reads and replies that 3.0.5 posted to itself are posted to our store, whose consumers are
 *   set to manual read so that they do not read first.
 */
export type Variant = 'flow' | 'offers' | 'reads';

export interface Script {
  readonly recording: Recording;
  readonly process: string;
  readonly variant: Variant;
  /** What the player does, in the order of the recording. */
  readonly acts: readonly Act[];
  /** Requests that our stores are to send. */
  readonly expected: readonly Exchange[];
  /** Messages that are to leave our nodes. */
  readonly outputs: readonly Output[];
}

/** Something that the player does. */
export type Act =
  | { readonly kind: 'send'; readonly action: Action; readonly atMs: number }
  | { readonly kind: 'post'; readonly exchange: Exchange; readonly atMs: number };

/** Every script that a recording gives. */
export function scriptsOf(recording: Recording): Script[] {
  const variants: Variant[] = ['flow', 'offers', 'reads'];
  return Object.keys(recording.flows)
    .flatMap((process) => variants.map((variant) => scriptOf(recording, process, variant)))
    .filter(isWorthPlaying);
}

function scriptOf(recording: Recording, process: string, variant: Variant): Script {
  const ours = storesIn(recording, process);
  const toUs = recording.exchanges.filter(({ to }) => ours.has(to));
  const posted = toUs
    .filter((exchange) => isPosted(exchange, ours, variant) && !isTooLate(exchange, toUs, ours, variant))
    .filter(
      (exchange, _, all) => !ours.has(exchange.from) || all.every((cause) => !isPassedOn(cause, exchange)),
    );
  const acts = [
    ...actionsIn(recording, process, variant),
    ...withoutRepeatedNews(posted).map((exchange): Act => ({
      kind: 'post',
      exchange,
      atMs: exchange.startsAtMs,
    })),
  ];
  const expected = recording.exchanges.filter(({ from, to }) => ours.has(from) && !ours.has(to));
  return {
    recording,
    process,
    variant,
    acts: acts.sort((a, b) => a.atMs - b.atMs),
    expected: expected.filter((exchange) => variant === 'flow' || isCaused(exchange, posted)),
    outputs: variant === 'flow' ? recording.outputs.filter((output) => output.process === process) : [],
  };
}

/** What the player sends into nodes of ours. Where it reads in the place of the consumers, they get no orders. */
function actionsIn(recording: Recording, process: string, variant: Variant): Act[] {
  const reader = new StepReader(recording);
  const nodes = recording.flows[process] ?? [];
  return recording.steps.flatMap((step): Act[] => {
    const action = reader.read(step);
    const isOurs = nodes.some(({ id }) => id === action?.node);
    const isWanted = variant === 'flow' || (variant === 'reads' && action?.sentAs !== undefined);
    return action !== undefined && isOurs && isWanted ? [{ kind: 'send', action, atMs: step.atMs }] : [];
  });
}

/** Whether the player posts this exchange to a store of ours. */
function isPosted(exchange: Exchange, ours: ReadonlySet<string>, variant: Variant): boolean {
  const withinUs = ours.has(exchange.from);
  switch (variant) {
    case 'flow':
      return !withinUs;
    case 'offers':
      return withinUs ? !isFetch(exchange.kind) : isNews(exchange);
    case 'reads':
      return withinUs
        ? isFetch(exchange.kind) || isNews(exchange)
        : !isFetch(exchange.kind) && exchange.from !== BY_HAND;
  }
}

/** Offers that found room because a consumer of ours had replied; in `offers` it never reads. */
function isTooLate(
  exchange: Exchange,
  all: readonly Exchange[],
  ours: ReadonlySet<string>,
  variant: Variant,
): boolean {
  const replied = all.find(({ from, kind }) => ours.has(from) && kind === 'reply');
  return variant === 'offers' && replied !== undefined && exchange.startsAtMs > replied.startsAtMs;
}

/** Whether a scene compares this kind: `offers` and `reads` play the rest only to get there. */
export function isCompared({ variant }: Script, kind: Kind): boolean {
  switch (variant) {
    case 'flow':
      return true;
    case 'offers':
      return !isFetch(kind);
    case 'reads':
      return isFetch(kind);
  }
}

/** Whether a store of ours sends this because of what was posted to it. */
function isCaused(exchange: Exchange, posted: readonly Exchange[]): boolean {
  return isNews(exchange) || posted.some((cause) => isPassedOn(cause, exchange));
}

/** Whether a store that got the first request passed it on as the second before it answered. */
function isPassedOn(first: Exchange, second: Exchange): boolean {
  return (
    first !== second &&
    first.to === second.from &&
    first.kind === second.kind &&
    messageIdOf(first) === messageIdOf(second) &&
    first.startsAtMs <= second.startsAtMs &&
    second.startsAtMs <= first.endsAtMs
  );
}

/** 3.0.5 repeats its registrations every 30 s; the same once is enough. */
function withoutRepeatedNews(exchanges: readonly Exchange[]): Exchange[] {
  const seen = new Set<string>();
  return exchanges.filter((exchange) => {
    const key = newsKey(exchange);
    const again = isNews(exchange) && seen.has(key);
    seen.add(key);
    return !again;
  });
}

/** A store's own registrations alone are worth a scene only where no other scene of the process has them. */
function isWorthPlaying(script: Script): boolean {
  const { variant, acts, process, recording } = script;
  const ours = storesIn(recording, process);
  const toItself = acts.flatMap((act) =>
    act.kind === 'post' && ours.has(act.exchange.from) ? [act.exchange] : [],
  );
  switch (variant) {
    case 'flow':
      return true;
    case 'offers':
      return toItself.some((exchange) => !isNews(exchange)) || (toItself.length > 0 && !readsItself(script));
    case 'reads':
      return toItself.some((exchange) => !isNews(exchange));
  }
}

function readsItself({ recording, process }: Script): boolean {
  const ours = storesIn(recording, process);
  return recording.exchanges.some(({ from, to, kind }) => ours.has(from) && ours.has(to) && isFetch(kind));
}

function isFetch(kind: Kind): boolean {
  return kind === 'read' || kind === 'reply';
}

/** Short names of the stores of one process. */
export function storesIn(recording: Recording, process: string): Set<string> {
  const stores = (recording.flows[process] ?? []).filter((node) => node.type === 'redlink store');
  return new Set(stores.map((node) => textOf(node.properties, 'name')));
}

/** Announcements and registrations: their number and order are free. */
export function isNews(exchange: Exchange): boolean {
  return exchange.kind === 'announce' || exchange.kind === 'advertise';
}

/** How long a scene waits at its end. Time limits run from the last message on, however fast the rest was played. */
export function longestWaitMs({ acts, expected, outputs }: Script): number {
  const sentMs = Math.max(0, ...acts.flatMap((act) => (act.kind === 'send' ? [act.atMs] : [])));
  const endMs = Math.max(0, ...expected.map(({ endsAtMs }) => endsAtMs), ...outputs.map(({ atMs }) => atMs));
  return Math.max(0, endMs - sentMs);
}

export function messageIdOf(exchange: Exchange): string {
  return textOf(exchange.request.body, 'redlinkMsgId');
}

/** The same for registrations that differ in their expiry alone. */
function newsKey(exchange: Exchange): string {
  const consumer = property(exchange.request.body, 'consumer');
  return JSON.stringify([
    exchange.from,
    exchange.to,
    isObject(consumer) ? { ...consumer, ttl: 0 } : consumer,
  ]);
}

/** How the consumers of our process are set up: where the player reads in their place, they wait. */
export function consumersIn({ variant }: Script): JsonObject {
  switch (variant) {
    case 'flow':
      return {};
    case 'offers':
      return { manualReadReceiveSend: true };
    case 'reads':
      return { manualReadReceiveSend: true, intransit: ROOM_FOR_ALL };
  }
}

/** More messages than any recording has: the replies that the player posts do not free the places of a consumer. */
const ROOM_FOR_ALL = 64;
