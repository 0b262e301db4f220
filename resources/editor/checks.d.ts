/** What a check finds: a key of the catalogue (`redlink.check.KEY`), with the values for its text. */
export interface Problem {
  readonly key: string;
  readonly [value: string]: unknown;
}
export type Check = (value: unknown) => Problem | undefined;

export const HIDDEN: string;
export const blank: (value: unknown) => boolean;
export const left: (value: unknown) => boolean;
export const host: Check;
export const meshKey: Check;
export const number: Check;
export const pem: Check;
export const port: Check;
export const positive: Check;
export const range: Check;
export function ranges(list: readonly unknown[] | undefined): Problem | undefined;
export function wholeNumber(least: number): Check;
