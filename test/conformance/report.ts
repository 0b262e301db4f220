/**
 * Prints what the conformance tests play for each recording, without playing it:
 * `npx tsx test/conformance/report.ts [SCENARIO]`.
 */
import { loadRecordings, type Recording } from './recording.js';
import { type Act, type Script, scriptsOf } from './script.js';

/** Characters of a message that a line shows. */
const SHOWN_LENGTH = 90;

function describeAct(act: Act): string {
  if (act.kind === 'send') {
    return `into ${act.action.node}: ${JSON.stringify(act.action.msg).slice(0, SHOWN_LENGTH)}`;
  }
  const { n, kind, from, to } = act.exchange;
  return `${from} posts to our ${to}: ${kind} (exchange ${n}), answer compared`;
}

function describeScript(script: Script): string[] {
  const expected = script.expected.map(
    ({ n, kind, from, to }) => `our ${from} posts to ${to}: ${kind} (exchange ${n}), request compared`,
  );
  const ports = new Map<string, number>();
  script.outputs.forEach(({ from }) => ports.set(from, (ports.get(from) ?? 0) + 1));
  return [
    `${script.recording.scenario}, process ${script.process}, ${script.variant}`,
    ...script.acts.map((act) => `  ${describeAct(act)}`),
    ...expected.map((line) => `  ${line}`),
    ...[...ports].map(([from, count]) => `  output ${from}: ${count} compared`),
  ];
}

const wanted = process.argv[2];
const isWanted = ({ scenario }: Recording): boolean => wanted === undefined || scenario === wanted;
const lines = loadRecordings().filter(isWanted).flatMap(scriptsOf).flatMap(describeScript);
console.log(lines.join('\n'));
