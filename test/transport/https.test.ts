import { transportCompliance } from './compliance.js';
import { httpsArena } from './https-arena.js';

transportCompliance('HTTPS', () => httpsArena());
