/**
 * Prints what the conformance tests play for each recording, without playing it:
 * `npx tsx test/conformance/report.ts [SCENARIO]`.
 */
import { loadRecordings, type Recording } from './recording.js';
import { type Act, type Script, scriptsOf } from './script.js';
import { StepReader } from './steps.js';

/** Characters of a message that a line shows. */
const SHOWN_LENGTH = 90;

function describeAct(act: Act, steps: StepReader): string {
  if (act.kind === 'post') {
    const { n, kind, from, to } = act.exchange;
    return `${from} posts to our ${to}: ${kind} (exchange ${n}), answer compared`;
  }
  const action = steps.read(act.step);
  return action === undefined
    ? `(${act.step.step})`
    : `into ${action.node}: ${JSON.stringify(action.msg).slice(0, SHOWN_LENGTH)}`;
}

function describeScript(script: Script): string[] {
  const steps = new StepReader(script.recording);
  const expected = script.expected.map(
    ({ n, kind, from, to }) => `our ${from} posts to ${to}: ${kind} (exchange ${n}), request compared`,
  );
  const ports = new Map<string, number>();
  script.outputs.forEach(({ from }) => ports.set(from, (ports.get(from) ?? 0) + 1));
  return [
    `${script.recording.scenario}, process ${script.process}, ${script.variant}`,
    ...script.acts.map((act) => `  ${describeAct(act, steps)}`),
    ...expected.map((line) => `  ${line}`),
    ...[...ports].map(([from, count]) => `  output ${from}: ${count} compared`),
  ];
}

const wanted = process.argv[2];
const isWanted = ({ scenario }: Recording): boolean => wanted === undefined || scenario === wanted;
const lines = loadRecordings().filter(isWanted).flatMap(scriptsOf).flatMap(describeScript);
console.log(lines.join('\n'));
