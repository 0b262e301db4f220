/** Loaded before Node-RED: its stores take every other one for a 3.0.5 store, and ask it in the verbs of that. */
import { KnownCapabilities } from '../../dist/src/transport/known-capabilities.js';

KnownCapabilities.prototype.get = () => undefined;
