/**
 * Loaded before a process hosts a store: lets it live at a loopback address of its own, as on a machine of its own. It listens
 * there and connects from there; so a proxy can stand at the address that the store tells others, and sees who comes.
 */
import { Server, Socket } from 'node:net';
import { OWN_ADDRESS_VARIABLE } from './own-address.js';

const own = process.env[OWN_ADDRESS_VARIABLE];

const LOOPBACK = '127.0.0.1';

/** Whether these are the options of a `listen` or `connect` at the loopback address, and not at a pipe or at `::1`. */
function isAtLoopback(options: unknown): options is object {
  return typeof options === 'object' && options !== null && 'host' in options && options.host === LOOPBACK;
}

/** Calls the method with other options than it was given: an object, or the list that Node makes of its arguments. */
function withOptions(prototype: object, method: string, changed: (options: object) => object): void {
  const before: unknown = Reflect.get(prototype, method);
  if (typeof before !== 'function') throw new Error(`Node has no ${method} any more`);
  Reflect.set(prototype, method, function call(this: unknown, ...given: unknown[]): unknown {
    const [first, ...rest] = given;
    if (Array.isArray(first) && isAtLoopback(first[0])) first[0] = changed(first[0]);
    const result: unknown = Reflect.apply(before, this, [
      isAtLoopback(first) ? changed(first) : first,
      ...rest,
    ]);
    return result;
  });
}

if (own !== undefined) {
  withOptions(Server.prototype, 'listen', (options) => ({ ...options, host: own }));
  withOptions(Socket.prototype, 'connect', (options) => ({ ...options, localAddress: own }));
}
