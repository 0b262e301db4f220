/**
 * Loaded before a process hosts a store: sets its time of day wrong, for everything in it, by as much as the environment says at that
 * moment. `performance.timeOrigin` stays right, by which a test compares moments.
 */
import { WALL_OFFSET_VARIABLE } from './wall-offset.js';

const offsetMs = (): number => Number(process.env[WALL_OFFSET_VARIABLE]);
const Right = Date;
const rightNow = Date.now;

if (process.env[WALL_OFFSET_VARIABLE] !== undefined) {
  globalThis.Date = new Proxy(Right, {
    construct: (_target, given: unknown[], asked) =>
      Reflect.construct(Right, given.length === 0 ? [rightNow() + offsetMs()] : given, asked) as Date,
    get: (target, name): unknown =>
      name === 'now' ? () => rightNow() + offsetMs() : Reflect.get(target, name),
  });
}
