import type { Clock } from '../support/clock.js';
import { Pauses } from '../support/pauses.js';
import type { StoreParts } from './parts.js';

/** How long a closing store tries to tell its neighbours that its consumers are gone, and to finish reads, ms. */
const FAREWELL_MS = 300;

/**
 * Lets what is under way in a closing store come to its end, for a moment.
 * @param wasOpen whether its neighbours know of it, and are to be told
 */
export async function farewell(
  { advertiser, confirmation, leaseReturns }: StoreParts,
  clock: Clock,
  wasOpen: boolean,
): Promise<void> {
  const pauses = new Pauses(clock);
  // What is confirmed at this moment has ended for its producer's store: the flow is to have it before the store goes.
  const last = [
    confirmation.settled(),
    leaseReturns.settled(),
    ...(wasOpen ? [advertiser.withdrawAll()] : []),
  ];
  await Promise.race([Promise.all(last), pauses.wait(FAREWELL_MS)]);
  pauses.endAll();
  // In that turn the consumers note as read what was confirmed last.
  await pauses.wait(0);
}
