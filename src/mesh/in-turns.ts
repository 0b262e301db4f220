import type { Clock } from '../support/clock.js';

/** Things that are done in one turn of the event loop: twenty thousand routes at once would hold it for a fifth of a second. */
const IN_A_TURN = 1_000;

/** Does some work for each thing, in their order: for the first ones at once, for others when everything else had its turn. */
export function inTurns<Thing>(things: readonly Thing[], clock: Clock, work: (thing: Thing) => void): void {
  const from = (start: number): void => {
    for (const thing of things.slice(start, start + IN_A_TURN)) work(thing);
    if (start + IN_A_TURN >= things.length) return;
    clock.soon(() => {
      from(start + IN_A_TURN);
    });
  };
  from(0);
}
