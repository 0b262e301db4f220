/** Medians and ratios, as a table for people and as JSON for the next run. */
import { z } from 'zod';
import { IN_FLIGHT, type Measured, type Round } from './measure.js';

const systems = z.array(
  z.object({
    name: z.string(),
    inFlight: z.number(),
    perSecond: z.number(),
    p50: z.number(),
    p99: z.number(),
    /** Null where a system has no processes of its own. */
    cpuMs: z.number().nullable(),
    peakMb: z.number().nullable(),
  }),
);
export type Figures = z.infer<typeof systems>;

const rows = z.array(z.record(z.string(), z.union([z.string(), z.number()])));

/** All that a run has measured. */
const run = z.object({ systems, cases: z.record(z.string(), rows) });
export type Run = z.infer<typeof run>;

const BYTES_PER_MB = 1024 * 1024;

/** What must be ahead of what, or at which part of it: the goals, as ratios of one run. */
const GOALS: readonly { system: string; of: string; atLeast: number }[] = [
  { system: 'redlink two processes', of: 'http nodes over https', atLeast: 1 },
  { system: 'redlink two processes', of: 'mqtt qos 1', atLeast: 1 },
  { system: 'redlink transit', of: 'redlink two processes', atLeast: 0.5 },
  { system: 'redlink two processes in mesh mode', of: 'redlink two processes', atLeast: 0.85 },
];

export function figuresOf(measured: readonly Measured[]): Figures {
  return measured.flatMap(({ name, rounds, peakBytes }) =>
    IN_FLIGHT.map((inFlight) => {
      const of = (pick: (round: Round) => number): number => median((rounds.get(inFlight) ?? []).map(pick));
      return {
        name,
        inFlight,
        perSecond: of(({ perSecond }) => perSecond),
        p50: of(({ p50 }) => p50),
        p99: of(({ p99 }) => p99),
        cpuMs: Number.isNaN(peakBytes) ? null : of(({ cpuMs }) => cpuMs),
        peakMb: Number.isNaN(peakBytes) ? null : peakBytes / BYTES_PER_MB,
      };
    }),
  );
}

export function readRun(json: string): Run {
  return run.parse(JSON.parse(json));
}

export function printFigures(all: Figures): void {
  console.log(
    '\nRound trips of 1 kB; medians. CPU of all processes of the system, peak memory of all together.\n',
  );
  const head = ['system', 'in flight', 'per second', 'p50 ms', 'p99 ms', 'CPU ms', 'peak MB'];
  printTable([
    head,
    ...all.map((one) => [
      one.name,
      String(one.inFlight),
      one.perSecond.toFixed(0),
      one.p50.toFixed(2),
      one.p99.toFixed(2),
      one.cpuMs?.toFixed(3) ?? '–',
      one.peakMb?.toFixed(0) ?? '–',
    ]),
  ]);
  printGoals(all);
}

/** @param before an earlier run */
export function compare(before: Run, now: Run): void {
  console.log('\nagainst the earlier run, messages per second:\n');
  const lines = now.systems.flatMap((one) => {
    const earlier = before.systems.find(
      ({ name, inFlight }) => name === one.name && inFlight === one.inFlight,
    );
    if (earlier === undefined) return [];
    const ratio = (one.perSecond / earlier.perSecond).toFixed(2);
    return [[one.name, String(one.inFlight), earlier.perSecond.toFixed(0), one.perSecond.toFixed(0), ratio]];
  });
  printTable([['system', 'in flight', 'before', 'now', 'ratio'], ...lines]);
  for (const [name, table] of Object.entries(now.cases)) {
    const earlier = before.cases[name];
    if (earlier === undefined) continue;
    printRows(`${name}, before`, earlier);
    printRows(`${name}, now`, table);
  }
}

/** A case's table. */
export function printRows(title: string, table: Run['cases'][string]): void {
  console.log(`\n${title}\n`);
  const columns = Object.keys(table[0] ?? {});
  printTable([columns, ...table.map((row) => columns.map((column) => String(row[column] ?? '–')))]);
}

function printGoals(all: Figures): void {
  const rows = GOALS.flatMap(({ system, of, atLeast }) =>
    IN_FLIGHT.flatMap((inFlight) => {
      const rate = (name: string): number | undefined =>
        all.find((one) => one.name === name && one.inFlight === inFlight)?.perSecond;
      const [own, other] = [rate(system), rate(of)];
      if (own === undefined || other === undefined) return [];
      const ratio = own / other;
      return [
        [system, of, String(inFlight), ratio.toFixed(2), `≥ ${atLeast}`, ratio >= atLeast ? 'yes' : 'NO'],
      ];
    }),
  );
  if (rows.length === 0) return;
  console.log('');
  printTable([['ratio of', 'to', 'in flight', 'is', 'goal', 'reached'], ...rows]);
}

export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    );
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] ?? NaN;
  return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
