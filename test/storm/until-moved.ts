/** How soon all goes on after a trouble. */
import { setTimeout as pause } from 'node:timers/promises';
import { LEASE_MS } from '../../src/store/leases.js';
import { kindOf, storyOf, type GrowingLedgers, type Kind } from './ledger.js';

/** All that was accepted before must have its end in this time, ms: one lease to find a loss, one to spare. */
const MOVES_WITHIN_MS = 2 * LEASE_MS;
const LOOK_EVERY_MS = 100;
/** Messages of those that are late whose stories are told. */
const SHOWN = 3;

/**
 * Waits until all that was accepted before now has its end.
 * @param besides kinds that are not waited for: what of them was read in vain, where a process was killed, shows no end
 * @returns how long it took, and what has none in time
 */
export async function untilMoved(
  ledgers: GrowingLedgers,
  besides: readonly Kind[] = [],
): Promise<{ readonly ms: number; readonly last: string; readonly stuck: readonly string[] }> {
  const healedAt = performance.now();
  const ms = (): number => performance.now() - healedAt;
  let left = [...ledgers.read().open].filter((number) => !besides.includes(kindOf(number)));
  let last = '';
  while (left.length > 0) {
    last = left
      .slice(0, SHOWN)
      .map((number) => told(number, ledgers))
      .join('; ');
    if (ms() > MOVES_WITHIN_MS) {
      return { ms: ms(), last, stuck: [`${left.length} stand still: ${last}`] };
    }
    await pause(LOOK_EVERY_MS);
    ledgers.read();
    left = left.filter((number) => ledgers.open.has(number));
  }
  return { ms: ms(), last, stuck: [] };
}

function told(number: number, { entries }: GrowingLedgers): string {
  return `${number} (${kindOf(number)}) ${storyOf(number, entries)}`;
}
