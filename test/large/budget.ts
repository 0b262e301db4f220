/** What a transfer of a large payload may cost (docs/RELIABILITY.md). */
import assert from 'node:assert/strict';
import type { Transfer } from './chain.js';
import type { Recipe } from './nodes.js';

const MB = 1_000_000;

/** A string is in memory as its bytes, and as the string that is made of them. */
const TIMES_THE_VALUE = { buffer: 1, string: 2 } as const;

/** What the ends may take besides the value: buffers, and what the garbage collector has not got round to. */
const ENDS_MAY_GROW = 200 * MB;

/** What the process on the way may take, whatever passes: less than a value, or it would keep what it passes on. */
const RELAY_MAY_GROW = 130 * MB;

/** @throws AssertionError where the transfer took more memory than it may, or the value has come otherwise than it went */
export function assertWithinBudget({ kind, size }: Recipe, transfer: Transfer): void {
  const ends = TIMES_THE_VALUE[kind] * size + ENDS_MAY_GROW;
  assert.ok(transfer.intact, 'another value has come than was sent');
  assertAtMost('the sender', transfer.senderGrew, ends);
  assertAtMost('the receiver', transfer.receiverGrew, ends);
  assertAtMost('the relay', transfer.relayGrew, RELAY_MAY_GROW);
}

/** The figures of a transfer for people. */
export function shown(what: string, { kind, size }: Recipe, transfer: Transfer): string {
  const mb = (bytes: number): string => String(Math.round(bytes / MB));
  const { seconds, bytesPerSecond, senderGrew, receiverGrew, relayGrew, relayHeld } = transfer;
  return (
    `${what}, ${kind} of ${mb(size)} MB: ${seconds.toFixed(1)} s, ${mb(bytesPerSecond)} MB/s; memory over idle: ` +
    `sender ${mb(senderGrew)} MB, receiver ${mb(receiverGrew)} MB, relay ${mb(relayGrew)} MB (in all ${mb(relayHeld)} MB)`
  );
}

function assertAtMost(who: string, grew: number, mayGrow: number): void {
  const [is, most] = [grew, mayGrow].map((bytes) => Math.round(bytes / MB));
  assert.ok(grew <= mayGrow, `${who} took ${is} MB more than when it was idle, instead of at most ${most}`);
}
