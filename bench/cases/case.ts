/** What the cases that are no closed loop over all systems share. */
import { BenchInstance, type BenchInstanceOptions } from '../node-red.js';
import type { BenchNode } from '../flows.js';

export const MESSAGE_BYTES = 1_024;

/** A line of figures: by their names, with what they are figures of. */
export type Row = Readonly<Record<string, string | number>>;

export interface CaseOptions {
  readonly quick: boolean;
  /** Folder for CPU profiles; undefined: none are taken. */
  readonly profiles: string | undefined;
}

/** Measures, and gives the lines of its table. */
export type Case = (options: CaseOptions) => Promise<readonly Row[]>;

/** Starts processes in their order, works with them, and ends them whatever happens. */
export async function withInstances<T>(
  instances: readonly BenchInstance[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    for (const instance of instances) await instance.start();
    return await work();
  } finally {
    await Promise.all(instances.map((instance) => instance.stop()));
  }
}

export async function withInstance<T>(
  nodes: readonly BenchNode[],
  work: (instance: BenchInstance) => Promise<T>,
  options: BenchInstanceOptions = {},
): Promise<T> {
  const instance = new BenchInstance(nodes, options);
  return withInstances([instance], () => work(instance));
}

/** Enough digits to compare by, and no more. */
export function rounded(value: number | undefined, digits = 0): number {
  return Number((value ?? NaN).toFixed(digits));
}
