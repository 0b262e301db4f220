/** The environment variable that names the loopback address at which a process of a storm lives. */
export const OWN_ADDRESS_VARIABLE = 'REDLINK_TEST_OWN_ADDRESS';
