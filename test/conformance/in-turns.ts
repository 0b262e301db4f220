/**
 * Starts jobs in their order, not more than so many at once.
 * @returns a promise for each job, in the same order
 */
export function inTurns<T>(jobs: readonly (() => Promise<T>)[], atOnce: number): Promise<T>[] {
  const turns: (() => void)[] = [];
  let free = atOnce;
  return jobs.map(async (job) => {
    if (free === 0) {
      await new Promise<void>((resolve) => {
        turns.push(resolve);
      });
    } else {
      free -= 1;
    }
    try {
      return await job();
    } finally {
      const next = turns.shift();
      if (next === undefined) {
        free += 1;
      } else {
        next();
      }
    }
  });
}
