import assert from 'node:assert/strict';
import type { Journal, JournalWrite } from '../../../src/journal/port.js';
import type { PayloadStore } from '../../../src/payload/port.js';
import { crashReplay, type CrashReport, describeCrash, runCrashSeed } from './run.js';
import type { CrashSabotage } from './sabotage.js';

/** Seeds that are tried: not every run gives every fault a chance to show. */
const SEEDS = 60;
const TEST_LIMIT_MS = 120_000;
const DAY_MS = 86_400_000;
/** Longer than any run. */
const NEVER_MS = 1e9;

/** The first run in which the rule is broken; what breaks another rule first goes on to the next seed. */
async function firstCaught(sabotage: CrashSabotage, rule: string): Promise<CrashReport | undefined> {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const report = await runCrashSeed(String(seed), sabotage);
    if (report.violation?.rule === rule) return report;
  }
  return undefined;
}

/** A journal that says yes to some writes and does nothing about them. */
function forgetful(forgets: (write: JournalWrite) => boolean): (journal: Journal) => Journal {
  return (journal) => ({
    level: journal.level,
    open: () => journal.open(),
    read: (kind) => journal.read(kind),
    write: (writes) => journal.write(writes.filter((write) => !forgets(write))),
    close: () => journal.close(),
  });
}

/** Files that stay where they are. */
function hoarding(payloads: PayloadStore): PayloadStore {
  return {
    save: (source) => payloads.save(source),
    source: (stored) => payloads.source(stored),
    remove: async () => undefined,
    sweep: (keep) => payloads.sweep(keep),
  };
}

const isMark = (write: JournalWrite, state: string): boolean =>
  'put' in write && write.put === 'mark' && write.value.includes(`"state":"${state}"`);

/** Faults of the kinds that the rules are there for, each with the rule that must catch it. */
const SABOTAGES: readonly (readonly [what: string, caughtBy: string, sabotage: CrashSabotage])[] = [
  [
    'a journal that forgets messages',
    'nothing lost',
    { journal: forgetful((write) => 'put' in write && write.put === 'message') },
  ],
  [
    'a journal that forgets what was read',
    'repeats',
    { journal: forgetful((write) => isMark(write, 'read')) },
  ],
  [
    'a journal that brings messages back that are over',
    'one end',
    { journal: forgetful((write) => 'remove' in write && write.remove === 'message') },
  ],
  [
    'a journal that keeps replies that were delivered',
    'nothing left',
    { journal: forgetful((write) => 'remove' in write && write.remove === 'keptReply') },
  ],
  ['files that are never removed', 'nothing left', { payloads: hoarding }],
  ['a repeat that does not say so', 'repeats', { delivery: (delivery) => ({ ...delivery, count: 1 }) }],
  [
    'a payload that changes on its way',
    'faithful delivery',
    { delivery: (delivery) => ({ ...delivery, payload: 'something else' }) },
  ],
  [
    'a failure that denies that the message was read',
    'faithful delivery',
    { end: (end) => [{ ...end, read: false }] },
  ],
  ['an end that comes twice', 'one end', { end: (end) => [end, end] }],
  [
    'replies of two consumers to one message',
    'answered once',
    { end: (end) => [end, { ...end, content: 'of another', mayRepeat: true }] },
  ],
  ['deadlines that begin anew with each process', 'deadline', { wallOffsetMs: (start) => -start * DAY_MS }],
  ['replies that nobody ever takes', 'progress', { readsAfterMs: NEVER_MS }],
];

describe('crash simulation: what is broken on purpose is caught', () => {
  for (const [what, caughtBy, sabotage] of SABOTAGES) {
    it(what, async () => {
      const report = await firstCaught(sabotage, caughtBy);
      assert.ok(report, `no run was caught by "${caughtBy}"`);
      assert.ok(describeCrash(report).includes(crashReplay(report.plan.seed)));
    }).timeout(TEST_LIMIT_MS);
  }
});
