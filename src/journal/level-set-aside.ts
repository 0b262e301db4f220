import { access, readdir, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { RedlinkError } from '../support/errors.js';
import { isMissing, journalFailure } from './level-errors.js';

const SUFFIX = '.set-aside-';

/** Whether an earlier start has moved the journal of this folder out of the way, and it is still there. @throws RedlinkError `JOURNAL_IO` */
export async function anyLiesAside(folder: string): Promise<boolean> {
  const names = await list(dirname(folder));
  return names.some((name) => name.startsWith(`${basename(folder)}${SUFFIX}`));
}

/** Whether a journal lies in the folder, whole or not. @throws RedlinkError `JOURNAL_IO` */
export async function isFilled(folder: string): Promise<boolean> {
  return (await list(folder)).length > 0;
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw journalFailure('looked for', folder, thrown);
  }
}

/**
 * Moves a journal out of the way, whole, beside where it was: a person may still want what is in it.
 * @returns where it lies now.
 * @throws RedlinkError `JOURNAL_IO`; it lies where it was then.
 */
export async function setAside(folder: string, when: Date): Promise<string> {
  try {
    const target = await freeName(`${folder}${SUFFIX}${when.toISOString().replaceAll(/[:.]/g, '-')}`);
    await rename(folder, target);
    return target;
  } catch (thrown) {
    if (thrown instanceof RedlinkError) throw thrown;
    throw journalFailure('used, nor moved out of the way', folder, thrown);
  }
}

/** The name, with a number where there is something of that name already. */
async function freeName(wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!(await exists(name))) return name;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (thrown) {
    if (isMissing(thrown)) return false;
    throw thrown;
  }
}
