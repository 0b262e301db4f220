/** The environment variable that says how far the time of day of a process is off, ms. */
export const WALL_OFFSET_VARIABLE = 'REDLINK_TEST_WALL_OFFSET_MS';
