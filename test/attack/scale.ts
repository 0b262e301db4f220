/** How much is tried: a share with the other tests, all of it in `npm run attack`. */

/** Inputs per endpoint and mode. */
export const INPUTS = Number(process.env['REDLINK_ATTACK_INPUTS'] ?? 100);

/** Whether this is the whole attack, on a machine that does nothing else. */
export const IN_FULL = INPUTS > 1_000;

export const SEED = Number(process.env['REDLINK_ATTACK_SEED'] ?? Date.now() % 1_000_000_000);

/** Inputs that are sent at a time. */
export const AT_A_TIME = 16;

/** Connections that say nothing. */
export const SILENT = IN_FULL ? 1_000 : 100;

/** CPU time that one request may hold the event loop, ms; the share runs beside other things, on any machine. */
export const HELD_MS = IN_FULL ? 50 : 500;

/** What a mode's attack may take, ms. */
export const TEST_WITHIN_MS = IN_FULL ? 7_200_000 : 120_000;
