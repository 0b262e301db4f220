import { asError, RedlinkError, systemCode } from '../support/errors.js';

/** What people are told for the errors that they can do something about. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'access to the folder is denied',
  EPERM: 'access to the folder is denied',
  EROFS: 'the disk is read-only',
  ENOENT: 'it is gone',
  EMFILE: 'too many files are open',
};

/**
 * Carries out a piece of disk work.
 * @param done what is to happen to the payload: `written`, `read`, …
 * @throws RedlinkError `PAYLOAD_IO`, for whatever the work throws, with a text for people.
 */
export async function onDisk<Result>(done: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    const code = systemCode(thrown);
    const reason = code === undefined ? asError(thrown).message : (REASONS[code] ?? code);
    throw new RedlinkError('PAYLOAD_IO', `A payload could not be ${done}: ${reason}`, thrown);
  }
}
