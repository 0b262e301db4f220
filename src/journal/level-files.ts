import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLog } from './level-log-file.js';
import { logNumberOf } from './level-manifest.js';

/** Names the MANIFEST in use. The first file that a database has for good. */
const CURRENT = 'CURRENT';
const MANIFEST_NAME = /^MANIFEST-\d+$/;
const LOG_NAME = /^(\d+)\.log$/;
/** Files that hold records. */
const CONTENT_NAME = /^\d+\.(log|ldb|sst)$/;

/** What the files of a database show before LevelDB opens it. */
export interface Inspection {
  /** Why they must not be opened: LevelDB would carry on without what is lost, and remove the rest. */
  readonly damage?: string;
  /** What is not whole but may be opened, as after a power cut. */
  readonly cutOff?: string;
}

/**
 * Looks for the damage that LevelDB passes over in silence: a missing CURRENT (it begins anew and removes
 * all files), a shortened MANIFEST (it removes the files that came later), garbage in a log (it leaves
 * out what it cannot read). Only for a database that nobody has open.
 */
export async function inspectFiles(folder: string): Promise<Inspection> {
  const names = await readdir(folder);
  if (!names.includes(CURRENT)) {
    return names.some((name) => CONTENT_NAME.test(name)) ? { damage: 'the file CURRENT is missing' } : {};
  }
  const manifest = (await readFile(join(folder, CURRENT), 'latin1')).trimEnd();
  if (!MANIFEST_NAME.test(manifest)) return { damage: 'the file CURRENT is damaged' };
  if (!names.includes(manifest)) return { damage: `the file ${manifest} is missing` };
  const { records, ending } = readLog(await readFile(join(folder, manifest)));
  const logNumber = logNumberOf(records);
  if (ending === 'damaged' || logNumber === undefined) return { damage: `the file ${manifest} is damaged` };
  return inspectLogs(folder, names, logNumber, manifest);
}

/** @param first number of the first log that is still needed; 0: no log was ever begun. */
async function inspectLogs(
  folder: string,
  names: readonly string[],
  first: number,
  manifest: string,
): Promise<Inspection> {
  const logs = names.filter((name) => numberOf(name) >= first);
  // A log is removed only after the MANIFEST says that it is not needed: so the MANIFEST said more once.
  if (first > 0 && !logs.some((name) => numberOf(name) === first)) {
    return { damage: `the file ${manifest} has been cut short, or log ${first} is missing` };
  }
  const cuts: string[] = [];
  for (const name of logs) {
    const { ending, soundBytes } = readLog(await readFile(join(folder, name)));
    if (ending === 'damaged') return { damage: `the file ${name} is damaged at byte ${soundBytes}` };
    if (ending === 'cut') cuts.push(`the file ${name} is not whole after byte ${soundBytes}`);
  }
  return cuts.length === 0 ? {} : { cutOff: cuts.join(', ') };
}

/** The number of a log file; -1 for any other. */
function numberOf(name: string): number {
  return Number(LOG_NAME.exec(name)?.[1] ?? -1);
}
