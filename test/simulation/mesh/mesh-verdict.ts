import type { Change, MeshReport } from './mesh-run.js';

/** Within so long after a change every store has its final choice, ms of simulated time. */
export const CONVERGES_WITHIN_MS = 1_000;

/**
 * Within so long the last word about it has arrived, ms: ways that nobody prefers are told, too. 16 links of
 * 100 ms, and the two round trips of an announcement and of the words that were held up by it.
 */
export const QUIET_WITHIN_MS = 2_000;

/** Words about one service that a link carries for one change: there, back, and a better way that came later. */
export const WORDS_PER_LINK = 4;

/** Everything that is not as it must be in a run, in words; nothing where all is well. */
export function complaintsOf(report: MeshReport): readonly string[] {
  const complaints = report.changes.flatMap((change) => [
    ...complaintsAbout(change),
    ...tooManyWords(change, report),
  ]);
  if (report.atRest > 0) complaints.push(`${report.atRest} messages at rest`);
  return complaints;
}

/** What is wrong with one change, whatever the size of the mesh. */
export function complaintsAbout({
  name,
  convergedMs,
  lastWordMs,
  isQuiet,
  faults,
  loops,
}: Change): readonly string[] {
  const wrong = [...loops, ...faults.loops, ...faults.blackHoles, ...faults.wrongRoutes];
  if (convergedMs >= CONVERGES_WITHIN_MS) wrong.push(`choices change for ${Math.round(convergedMs)} ms`);
  if (lastWordMs >= QUIET_WITHIN_MS) wrong.push(`words go about for ${Math.round(lastWordMs)} ms`);
  if (!isQuiet) wrong.push('it does not come to rest');
  return wrong.map((text) => `${name}: ${text}`);
}

function tooManyWords({ name, messages, about }: Change, { links }: MeshReport): readonly string[] {
  const most = WORDS_PER_LINK * links * about;
  return messages > most ? [`${name}: ${messages} messages, where ${most} are enough`] : [];
}
