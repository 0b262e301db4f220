import { setTimeout as delay } from 'node:timers/promises';
import { Casting } from './casting.js';
import { compare } from './compare.js';
import { differenceOf } from './differences.js';
import { Expectations } from './expectations.js';
import { type Finding, findings, whole } from './finding.js';
import { Happenings } from './happenings.js';
import { asJson, type Json, property, textOf } from './json.js';
import { type Certificate, post } from './legacy-store.js';
import { OutputLedger } from './output-ledger.js';
import { listens } from './ports.js';
import { freePort } from '../support/free-port.js';
import type { Exchange, Kind, Output } from './recording.js';
import {
  type Act,
  consumersIn,
  isCompared,
  longestWaitMs,
  messageIdOf,
  type Script,
  storesIn,
} from './script.js';
import { type Cast, earsOf, sendInto } from './stage.js';
import { StandIns } from './stand-ins.js';
import { Timeline } from './timeline.js';
import { answerView } from './views.js';
import { withFreshExpiry } from './wire-form.js';
import { World } from './world.js';

/** How much longer than in the recording something may take, on a machine that is busy with all scenes at once. */
const PATIENCE_MS = 6_000;

/** The longest of the pauses between two acts: long enough for what happens inside a store and shows nowhere. */
const LONGEST_PAUSE_MS = 200;

/** After the last act, how long to listen for what 3.0.5 would not have sent. */
const SETTLE_MS = 400;

/** A script being played: stands for every store that is not ours, drives our nodes, and notes what differs. */
export class Scene {
  readonly #world: World;
  readonly #casting: Casting;
  readonly #expectations: Expectations;
  readonly #ledger: OutputLedger;
  readonly #standIns: StandIns;
  readonly #found: Finding[] = [];
  readonly #posted = new Map<Exchange, Promise<void>>();
  /** What our nodes show of themselves: consumers attached, messages assigned and answered. */
  readonly #signs = new Happenings();
  /** Exchanges and outputs that were waited for once and did not come. */
  readonly #givenUp = new Set<object>();
  /** Stands at the next act. */
  readonly #timeline = new Timeline();

  private constructor(
    readonly script: Script,
    tag: string,
    private readonly patienceMs: number,
  ) {
    this.#world = new World(tag);
    this.#casting = new Casting(script.recording);
    this.#expectations = new Expectations(script.expected);
    this.#ledger = new OutputLedger(script);
    this.#standIns = new StandIns(this.#world, this.#casting, this.#expectations, this.#timeline, {
      differs: (exchange, mismatches) => {
        this.#note(exchange.kind, findings(script, `exchange ${exchange.n} request`, mismatches));
      },
      unexpected: (kind, to, body) => {
        this.#note(kind, whole(script, `more requests to ${to}`, undefined, body));
      },
    });
  }

  /**
   * Opens the stand-ins, so that our stores find their peers when they start.
   * @param tag letters and digits that no other scene uses
   * @param patienceMs how much longer than in the recording something may take
   */
  static async prepare(
    script: Script,
    tag: string,
    certificate: Certificate,
    patienceMs = PATIENCE_MS,
  ): Promise<Scene> {
    const scene = new Scene(script, tag, patienceMs);
    await scene.#open(certificate);
    return scene;
  }

  /** What {@link play} needs on the stage. */
  get cast(): Cast {
    return {
      world: this.#world,
      nodes: this.script.recording.flows[this.script.process] ?? [],
      consumers: consumersIn(this.script),
      onOutput: (from, msg) => {
        const recorded = this.#recorded(msg);
        this.#ledger.arrived(from, recorded);
        this.#noteSign(from, recorded);
      },
      work: async (msg) => {
        const id = textOf(this.#recorded(msg), 'redlinkMsgId');
        const replied = this.script.recording.exchanges.find(
          (one) => one.kind === 'reply' && messageIdOf(one) === id,
        );
        await this.#timeline.reached(replied?.startsAtMs ?? Infinity);
      },
    };
  }

  #noteSign(from: string, msg: Json): void {
    const messageId = textOf(msg, 'redlinkMsgId');
    if (/^consumer.*\.notify$/.test(from)) {
      this.#signs.note(`assigned ${messageId}`);
    } else if (/^producer.*\.receive$/.test(from)) {
      this.#signs.note(`answered ${messageId}`);
    } else if (from.endsWith('.registration')) {
      const consumer = property(property(msg, 'notifyData'), 'consumer');
      this.#signs.note(`attached ${textOf(consumer, 'consumerId')}`);
    }
  }

  #recorded(msg: unknown): Json {
    return this.#world.toRecorded(asJson(msg));
  }

  /** Plays the script to its end and gives every difference. Our nodes must be on the stage. */
  async play(): Promise<Finding[]> {
    await this.#ourStoresAreReady();
    let beforeMs = 0;
    for (const act of this.script.acts) {
      await this.#answered(act.atMs);
      this.#timeline.reach(act.atMs);
      await this.#until(act, act.atMs - beforeMs);
      await delay(Math.min(act.atMs - beforeMs, LONGEST_PAUSE_MS));
      beforeMs = act.atMs;
      this.#begin(act);
    }
    await this.#answered(Infinity);
    this.#timeline.reach(Infinity);
    await this.#until(undefined, longestWaitMs(this.script));
    await delay(SETTLE_MS);
    const missing = this.#expectations
      .missing()
      .filter(({ kind }) => isCompared(this.script, kind))
      .flatMap((exchange) =>
        whole(this.script, `exchange ${exchange.n} request`, exchange.request.body, undefined),
      );
    const outputs = this.script.variant === 'flow' ? this.#ledger.findings() : [];
    return [...this.#found, ...missing, ...outputs];
  }

  async close(): Promise<void> {
    await this.#standIns.close();
  }

  async #open(certificate: Certificate): Promise<void> {
    const { recording, process } = this.script;
    const ours = storesIn(recording, process);
    for (const nodes of Object.values(recording.flows)) {
      [...nodes.map(({ id }) => id), ...earsOf(nodes)].forEach((id) => {
        this.#world.bindNode(id);
      });
    }
    for (const { name, port } of recording.stores) {
      const shortName = name.slice(name.indexOf(':') + 1);
      const isOurs = ours.has(shortName);
      this.#world.bindPort(
        port,
        isOurs ? await freePort() : await this.#standIns.open(shortName, certificate),
      );
    }
  }

  #note(kind: Kind, found: readonly Finding[]): void {
    if (isCompared(this.script, kind)) {
      this.#found.push(...found);
    }
  }

  #begin(act: Act): void {
    if (act.kind === 'post') {
      this.#timeline.reach(act.exchange.endsAtMs);
      this.#posted.set(act.exchange, this.#post(act.exchange));
      return;
    }
    const { node, msg, sentAs } = act.action;
    const played = this.#world.toOurs(msg);
    if (sentAs !== undefined) {
      this.#world.follow(sentAs, played);
    }
    sendInto(this.#world, node, played);
  }

  /** Posts a recorded request to one of our stores and compares the answer. */
  async #post(exchange: Exchange): Promise<void> {
    const { kind, request, answer: recorded } = exchange;
    const messageId = messageIdOf(exchange);
    const answer = await post(this.#portOf(exchange.to), {
      path: request.path,
      body: withFreshExpiry(this.#world.toOurs(this.#casting.recast(messageId, request.body))),
    });
    const view = recorded && answerView(kind, recorded);
    const ours = answer && this.#casting.recast(messageId, this.#world.toRecorded(answerView(kind, answer)));
    const mismatches = view && ours ? compare(view, ours) : [{ field: '', recorded: view, ours }];
    this.#note(kind, findings(this.script, `exchange ${exchange.n} answer`, mismatches));
  }

  /**
   * Waits for all that had happened in the recording before an act, no longer than it took then, and some.
   * What did not come by then is not waited for again; the end reports it.
   */
  async #until(act: Act | undefined, recordedMs: number): Promise<void> {
    const awaited = this.#happenedBefore(act).filter(({ what }) => !this.#givenUp.has(what));
    const came = new Set<object>();
    const all = awaited.map(async ({ what, done }) => {
      await done;
      came.add(what);
    });
    await within(recordedMs + this.patienceMs, Promise.all(all));
    awaited.filter(({ what }) => !came.has(what)).forEach(({ what }) => this.#givenUp.add(what));
  }

  /** What was answered by a moment of the recording is, before anything else may happen. */
  async #answered(atMs: number): Promise<void> {
    const posts = [...this.#posted].filter(([{ endsAtMs }]) => endsAtMs <= atMs);
    await Promise.all(posts.map(async ([, done]) => done));
  }

  /** What has to have happened before an act, or at all. */
  #happenedBefore(act: Act | undefined): { readonly what: object; readonly done: Promise<void> }[] {
    const { expected, outputs, variant } = this.script;
    const atMs = act?.atMs ?? Infinity;
    const isRead = variant === 'reads' && act?.kind === 'post' && act.exchange.kind === 'read';
    return [
      ...expected
        .filter((what) => what.endsAtMs <= atMs && !this.#isListedAsMissing(`exchange ${what.n} request`))
        .map((what) => ({ what, done: this.#expectations.met(what) })),
      ...outputs
        .filter((what) => isAwaited(what, atMs) && !this.#isListedAsMissing(this.#ledger.nameOf(what)))
        .map((what) => ({ what, done: this.#ledger.met(what) })),
      ...(isRead ? [{ what: act, done: this.#signs.wait(`assigned ${messageIdOf(act.exchange)}`) }] : []),
      ...(act === undefined ? this.#unrecordedAnswers() : []),
    ];
  }

  #isListedAsMissing(at: string): boolean {
    return differenceOf({ scenario: this.script.recording.scenario, at, field: '' }) !== undefined;
  }

  /** Where 3.0.5 ended too early to leave outputs, our producers get their answers all the same (DEFECTS.md 30). */
  #unrecordedAnswers(): { readonly what: object; readonly done: Promise<void> }[] {
    const { acts, recording, variant } = this.script;
    const isCut = variant === 'flow' && recording.outputs.length === 0;
    return acts.flatMap((act) =>
      isCut && act.kind === 'send'
        ? [{ what: act, done: this.#signs.wait(`answered ${act.action.sentAs}`) }]
        : [],
    );
  }

  /** The recordings begin when stores listen and their own consumers are attached. */
  async #ourStoresAreReady(): Promise<void> {
    const { recording, process } = this.script;
    await Promise.all([...storesIn(recording, process)].map(async (store) => listens(this.#portOf(store))));
    const consumers = this.cast.nodes.filter(({ type }) => type === 'redlink consumer');
    const attached = Promise.all(consumers.map(async ({ id }) => this.#signs.wait(`attached ${id}`)));
    await within(this.patienceMs, attached);
  }

  #portOf(shortName: string): number {
    const store = this.script.recording.stores.find(({ name }) => name.endsWith(`:${shortName}`));
    return Number(this.#world.toOurs(store?.port ?? ''));
  }
}

/** Waits for something, but no longer than that. */
async function within(limitMs: number, something: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  const passed = delay(limitMs, undefined, { signal: limit.signal, ref: false }).catch(() => undefined);
  await Promise.race([something, passed]);
  limit.abort();
}

/** Registrations come and go at a pace of their own: only the end waits for them. */
function isAwaited(output: Output, atMs: number): boolean {
  return output.atMs <= atMs && (atMs === Infinity || !output.from.endsWith('.registration'));
}
