import { asError, RedlinkError, systemCode } from '../support/errors.js';

/** What people are told for the errors that they can do something about. LevelDB gives the system's own words. */
const REASONS: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/ENOSPC|no space left|not enough space/i, 'the disk is full'],
  [/EDQUOT|quota exceeded/i, 'the disk quota is used up'],
  [/EACCES|EPERM|permission denied|access is denied/i, 'access to the folder is denied'],
  [/EROFS|read-only file system/i, 'the disk is read-only'],
  [/EMFILE|ENFILE|too many open files/i, 'too many files are open'],
  [/EIO|input\/output error/i, 'the disk reports an error'],
];

/** An error of the disk, or of the database for its sake. @param done what could not be done: `written`, `read`, `opened`. */
export function journalFailure(done: string, folder: string, thrown: unknown): RedlinkError {
  const text = `${systemCode(thrown) ?? ''} ${rootOf(thrown).message}`;
  const reason = REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? rootOf(thrown).message;
  return new RedlinkError('JOURNAL_IO', `The journal in ${folder} could not be ${done}: ${reason}`, thrown);
}

/** Whether another process, or another part of this one, has the database open. */
export function isLocked(thrown: unknown): boolean {
  return systemCode(rootOf(thrown)) === 'LEVEL_LOCKED';
}

/** How LevelDB says that a table which it has mapped into memory ends before a place that should be in it. */
const TABLE_TOO_SHORT = /\.(ldb|sst): Invalid argument/;

/** Whether the database found its files damaged. */
export function isCorrupt(thrown: unknown): boolean {
  const root = rootOf(thrown);
  return systemCode(root) === 'LEVEL_CORRUPTION' || TABLE_TOO_SHORT.test(root.message);
}

/** Whether a file or folder is not there. */
export function isMissing(thrown: unknown): boolean {
  return systemCode(thrown) === 'ENOENT';
}

/** `classic-level` wraps what LevelDB says when it cannot open. */
export function rootOf(thrown: unknown): Error {
  const error = asError(thrown);
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}
