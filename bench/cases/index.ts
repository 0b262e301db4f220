/** What is no closed loop over all systems, by the names that `--only` knows. */
import { burst } from './burst.js';
import type { Case } from './case.js';
import { depth } from './depth.js';
import { large } from './large.js';
import { registration } from './registration.js';
import { start } from './start.js';
import { trouble } from './trouble.js';

export const CASES: Readonly<Record<string, Case>> = { burst, depth, start, large, registration, trouble };
