import type { RunReport } from './run.js';
import type { Scenario } from './scenario.js';

/** Command that runs one seed again. */
export function replayCommand(seed: string): string {
  return `npm run simulate -- --seeds 1 --seed ${seed}`;
}

/** Everything that a person needs to understand a failed run; empty for a good one. */
export function describeFailure(report: RunReport): string {
  const { violation, scenario } = report;
  if (violation === undefined) return '';
  return [
    `seed ${scenario.seed}: "${violation.invariant}" does not hold at ${violation.atMs.toFixed(1)} ms`,
    `  rule:  ${violation.says}`,
    `  found: ${violation.what}`,
    `  mesh:`,
    ...describeScenario(scenario).map((line) => `    ${line}`),
    `  last events:`,
    ...violation.events.map((line) => `    ${line}`),
    `  again: ${replayCommand(scenario.seed)}`,
  ].join('\n');
}

function describeScenario(scenario: Scenario): readonly string[] {
  const north = (link: { readonly store: number; readonly redistribute: boolean }): string =>
    `s${link.store}${link.redistribute ? '' : ' (no redistribute)'}`;
  return [
    `${scenario.shape} of ${scenario.stores.length}${scenario.inBytes ? ', over bytes' : ''}, faults end at ${scenario.healsAtMs} ms`,
    ...scenario.stores.map(
      ({ name, norths, southInsert, interStoreLB, modern }) =>
        `${name} north of it: ${norths.map(north).join(', ') || 'none'}` +
        `${southInsert ? '' : ', no southInsert'}${interStoreLB ? ', balancing' : ''}${modern ? '' : ', as 3.0.5'}`,
    ),
    ...scenario.consumers.map(
      ({ id, store, service, inTransitLimit, manner, manualRead }) =>
        `${id} at s${store}: ${service}, limit ${inTransitLimit}, ${manner}${manualRead ? ', reads by hand' : ''}`,
    ),
    ...scenario.producers.map(
      ({ id, store, service, lifetimeMs, sendOnly, reversePath, redeliver }) =>
        `${id} at s${store}: ${service}, lifetime ${lifetimeMs} ms${sendOnly ? ', sendOnly' : ''}` +
        `${reversePath ? '' : ', straight back'}${redeliver ? ', redelivers' : ''}`,
    ),
    ...scenario.actions.filter((action) => action.kind !== 'send').map((action) => JSON.stringify(action)),
  ];
}
