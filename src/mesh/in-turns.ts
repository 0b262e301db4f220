import type { Clock } from '../support/clock.js';

/** Things that are done in one turn of the event loop: twenty thousand routes at once would hold it for a fifth of a second. */
const IN_A_TURN = 1_000;

/** A turn takes about so long, ms, at most, if the things are costly: several such works may share one turn of the event loop. */
const TURN_MS = 5;

/** After so many things the time is looked at. */
const BETWEEN_LOOKS = 32;

/** Does some work for each thing, in their order: for the first ones at once, for others when everything else had its turn. */
export function inTurns<Thing>(things: readonly Thing[], clock: Clock, work: (thing: Thing) => void): void {
  const from = (start: number): void => {
    const next = oneTurn(things, start, clock, work);
    if (next >= things.length) return;
    clock.soon(() => {
      from(next);
    });
  };
  from(0);
}

/** @returns where the next turn begins */
function oneTurn<Thing>(
  things: readonly Thing[],
  start: number,
  clock: Clock,
  work: (thing: Thing) => void,
): number {
  const endsAt = clock.now() + TURN_MS;
  const end = Math.min(things.length, start + IN_A_TURN);
  for (let at = start; at < end;) {
    const group = things.slice(at, Math.min(end, at + BETWEEN_LOOKS));
    for (const thing of group) work(thing);
    at += group.length;
    if (clock.now() > endsAt) return at;
  }
  return end;
}
