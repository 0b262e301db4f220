import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** The conversations of 3.0.5 stores in `test/fixtures/wire`, as data for tests. */

const FOLDER = new URL('../../fixtures/wire/', import.meta.url);

const recording = z.object({
  scenario: z.string(),
  exchanges: z.array(
    z.object({
      n: z.number(),
      from: z.string(),
      request: z.object({ path: z.string(), body: z.record(z.string(), z.unknown()) }),
      response: z.object({
        status: z.number().optional(),
        headers: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
        body: z.unknown().optional(),
      }),
    }),
  ),
});

/** One request of a store to another (or itself), and the answer. */
export interface Exchange {
  readonly name: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: unknown;
  /** Whether a store made the request, and not the person who recorded. */
  readonly byStore: boolean;
}

export function recordedExchanges(): Exchange[] {
  const files = readdirSync(FOLDER).filter((name) => /^(?!outputs-|admin-).*\.json$/.test(name));
  return files.flatMap((file) => {
    const { scenario, exchanges } = recording.parse(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')));
    return exchanges.map(({ n, from, request, response }) => ({
      name: `${scenario} ${n}`,
      path: request.path,
      body: request.body,
      status: response.status,
      headers: response.headers,
      answer: response.body,
      byStore: from !== 'hand-made request',
    }));
  });
}
