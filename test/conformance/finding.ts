import type { Mismatch } from './compare.js';
import type { Json } from './json.js';
import type { Script } from './script.js';

/** A place where a played scene was not as the recording. */
export interface Finding extends Mismatch {
  readonly scenario: string;
  readonly process: string;
  /** `exchange 5 request`, `exchange 5 answer`, `output consumer1.receive 2`, or what came unasked. */
  readonly at: string;
}

/** Says of two differing values where they stood. */
export function findings(script: Script, at: string, mismatches: readonly Mismatch[]): Finding[] {
  const variant = script.variant === 'flow' ? '' : ` (${script.variant})`;
  return mismatches.map((mismatch) => ({
    scenario: script.recording.scenario,
    process: script.process + variant,
    at,
    ...mismatch,
  }));
}

/** Something that should have come and did not, or the other way round. */
export function whole(
  script: Script,
  at: string,
  recorded: Json | undefined,
  ours: Json | undefined,
): Finding[] {
  return findings(script, at, [{ field: '', recorded, ours }]);
}

/** One finding as a person reads it. */
export function describeFinding(finding: Finding): string {
  const place = `${finding.scenario}/${finding.process}: ${finding.at}`;
  return `${place}: ${finding.field} recorded ${shown(finding.recorded)}, ours ${shown(finding.ours)}`;
}

/** Characters of a value that a finding shows. */
const SHOWN_LENGTH = 300;

function shown(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
