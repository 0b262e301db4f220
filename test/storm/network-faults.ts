/** What a seed does to a network: which ways are spoilt at a time, and how. */
import type { SeededRandom } from '../simulation/seeded-random.js';
import type { Fault } from './fault-link.js';

/** A way between two stores, in one direction, by their names. */
export interface Way {
  readonly from: string;
  readonly to: string;
}

/** Some kilobytes end in a handshake, in the head of an answer, or in the midst of a batch of answers. */
const MOST_ANSWER_BYTES = 8_000;
/** Longer than the silence after which a store is asked whether it is there (500 ms), shorter than its time limits. */
const LONGEST_DELAY_MS = 2_000;
/** Of hundred ways of several, so many are spoilt. */
const SPOILT_PERCENT = 60;

/** Draws the ways that are spoilt together: a cable, one direction of it, all of a store's, or some of all. */
export function drawWays(ways: readonly Way[], random: SeededRandom): readonly Way[] {
  const { from, to } = random.pick(ways);
  switch (random.pick(['cable', 'direction', 'island', 'several'] as const)) {
    case 'cable':
      return ways.filter((way) => [way.from, way.to].sort().join() === [from, to].sort().join());
    case 'direction':
      return ways.filter((way) => way.from === from && way.to === to);
    case 'island':
      return ways.filter((way) => way.from === from || way.to === from);
    case 'several':
      return ways.filter(() => random.chance(SPOILT_PERCENT));
  }
}

export function drawFault(random: SeededRandom): Fault {
  switch (random.pick(['hangs', 'refuses', 'losesAnswers', 'cutsAnswers', 'delays'] as const)) {
    case 'hangs':
      return { kind: 'hangs', then: random.pick(['goesOn', 'isDead'] as const) };
    case 'refuses':
      return { kind: 'refuses' };
    case 'losesAnswers':
      return { kind: 'losesAnswers' };
    case 'cutsAnswers':
      return { kind: 'cutsAnswers', afterBytes: random.whole(0, MOST_ANSWER_BYTES) };
    case 'delays':
      return { kind: 'delays', upToMs: random.between(0, LONGEST_DELAY_MS) };
  }
}
