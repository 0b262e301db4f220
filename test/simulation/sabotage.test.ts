import assert from 'node:assert/strict';
import type { AnswerTo, Verb } from '../../src/protocol/verbs.js';
import type { Answerer } from '../../src/transport/port.js';
import { describeFailure, replayCommand } from './report.js';
import { runSeed, type RunReport } from './run.js';
import type { Sabotage } from './sabotage.js';

/** Seeds that are tried: not every mesh gives every fault a chance to show. */
const SEEDS = 12;
const TEST_LIMIT_MS = 120_000;
/** Longer than any run: a timer that is left behind. */
const NEVER_MS = 1e9;

/** Breaks the meshes of the first seeds in the same way, until one is caught. */
async function firstViolation(sabotage: Sabotage): Promise<RunReport | undefined> {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const report = await runSeed(String(seed), { sabotage });
    if (report.violation !== undefined) return report;
  }
  return undefined;
}

/** Faults of the kinds that the invariants are there for, each with the invariant that must catch it. */
const SABOTAGES: readonly {
  readonly what: string;
  readonly caughtBy: string;
  readonly sabotage: Sabotage;
}[] = [
  {
    what: 'a message that disappears from its store',
    caughtBy: 'conservation',
    sabotage: { accepted: (store, _clock, messageId) => void store.engine.messages.remove(messageId) },
  },
  {
    what: 'a message that is delivered twice',
    caughtBy: 'one live assignment',
    sabotage: {
      delivered: (emit, payload) => {
        emit(payload);
        emit(payload);
      },
    },
  },
  {
    what: 'a payload that changes on its way',
    caughtBy: 'faithful delivery',
    sabotage: {
      delivered: (emit) => {
        emit('something else');
      },
    },
  },
  {
    what: 'a consumer that is given more than its limit',
    caughtBy: 'in-transit limit',
    sabotage: { limitOf: (plan) => plan.inTransitLimit + 5 },
  },
  {
    what: 'a deadline that passes unnoticed',
    caughtBy: 'deadline',
    sabotage: { lifetimeOf: (plan) => plan.lifetimeMs * 2 },
  },
  {
    what: 'a reply that is acknowledged and forgotten',
    caughtBy: 'progress',
    sabotage: { answererOf: (store) => new Forgetful(store, 'reply', { kind: 'received' }) },
  },
  {
    what: 'an advertisement that is acknowledged and forgotten',
    caughtBy: 'who sees what',
    sabotage: { answererOf: (store) => new Forgetful(store, 'advertise', { kind: 'acknowledged' }) },
  },
  {
    what: 'a timer that is left behind',
    caughtBy: 'nothing left over',
    sabotage: { accepted: (_store, clock) => void clock.after(NEVER_MS, () => undefined) },
  },
  {
    what: 'an error that nobody catches',
    caughtBy: 'no crash',
    sabotage: {
      accepted: (_store, clock) =>
        void clock.after(1, () => {
          throw new Error('planted');
        }),
    },
  },
];

/** A store that says yes to a verb and does nothing about it. */
class Forgetful implements Answerer {
  constructor(
    private readonly store: Answerer,
    private readonly forgotten: Verb['verb'],
    private readonly yes: AnswerTo['reply'] | AnswerTo['advertise'],
  ) {}

  get capabilities(): Answerer['capabilities'] {
    return this.store.capabilities;
  }

  answer<V extends Verb>(
    verb: V,
    sender: { readonly remoteIp: string | undefined },
  ): Promise<AnswerTo[V['verb']]>;
  answer(verb: Verb, sender: { readonly remoteIp: string | undefined }): Promise<AnswerTo[Verb['verb']]> {
    return verb.verb === this.forgotten ? Promise.resolve(this.yes) : this.store.answer(verb, sender);
  }
}

describe('simulation: what is broken on purpose is caught', () => {
  for (const { what, caughtBy, sabotage } of SABOTAGES) {
    it(what, async () => {
      const report = await firstViolation(sabotage);
      assert.ok(report?.violation, 'nothing was noticed');
      assert.equal(report.violation.invariant, caughtBy, describeFailure(report));
    }).timeout(TEST_LIMIT_MS);
  }

  it('and told with the seed, the rule, the events before, and the command that shows it again', async () => {
    const report = await firstViolation({
      delivered: (emit) => {
        emit('something else');
      },
    });
    assert.ok(report?.violation);
    const text = describeFailure(report);
    assert.match(text, /faithful delivery/);
    assert.match(text, /was sent as .*, delivered as "something else"/);
    assert.match(text, /receives m\d+/);
    assert.ok(text.includes(replayCommand(report.scenario.seed)));
  }).timeout(TEST_LIMIT_MS);

  it('and found again by its seed', async () => {
    const sabotage: Sabotage = { limitOf: (plan) => plan.inTransitLimit + 5 };
    const report = await firstViolation(sabotage);
    assert.ok(report);
    const again = await runSeed(report.scenario.seed, { sabotage });
    assert.deepEqual(again.violation, report.violation);
    assert.equal(again.digest, report.digest);
  }).timeout(TEST_LIMIT_MS);
});
