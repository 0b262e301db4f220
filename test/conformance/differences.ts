import type { Finding } from './finding.js';

/**
 * Where version 4 is not as 3.0.5, on purpose. Everything else that a recording shows has to be the same.
 * A difference that no longer shows fails the tests too, so that this list stays true.
 */
export interface Difference {
  /** Recordings in which it shows; each must show it. */
  readonly scenarios: readonly string[];
  /** The exchange or output, as in {@link Finding.at}. */
  readonly at: RegExp;
  /** The field; empty for an exchange or output that came or did not come as a whole. */
  readonly field: RegExp;
  /** Where the specification asks for it, and what it asks for. */
  readonly because: string;
}

export const DIFFERENCES: readonly Difference[] = [];

/**
 * Fields that version 4 adds to messages of node outputs (NODES.md, "New in version 4" and the outputs of the
 * three nodes). Flows made for 3.0.5 do not look at them.
 */
export const NEW_OUTPUT_FIELDS: ReadonlySet<string> = new Set([
  'code',
  'deliveryCount',
  'message',
  'read',
  'redelivered',
  'request',
]);

/** The listed difference that a finding is, if any. */
export function differenceOf(finding: Finding): Difference | undefined {
  return DIFFERENCES.find(
    ({ scenarios, at, field }) =>
      scenarios.includes(finding.scenario) && at.test(finding.at) && field.test(finding.field),
  );
}
