import { compare, type Mismatch } from './compare.js';
import { NEW_OUTPUT_FIELDS } from './differences.js';
import { type Finding, findings, whole } from './finding.js';
import { type Json, property, textOf } from './json.js';
import type { Output } from './recording.js';
import type { Script } from './script.js';

/** Keeps what left our nodes beside what left 3.0.5's, and says in the end where they differ. */
export class OutputLedger {
  readonly #open: Output[];
  readonly #pairs: { readonly recorded: Output; readonly ours: Json }[] = [];
  readonly #extra: { readonly from: string; readonly ours: Json }[] = [];
  readonly #waiting: { readonly output: Output; readonly resolve: () => void }[] = [];

  constructor(private readonly script: Script) {
    this.#open = [...script.outputs];
  }

  /**
   * A message left one of our nodes.
   * @param from `NODE.PORT`, ids as recorded
   * @param ours the message, translated into the recording's world
   */
  arrived(from: string, ours: Json): void {
    const key = matterOf(from, ours);
    const recorded = this.#open.find((output) => matterOf(output.from, output.msg) === key);
    if (recorded === undefined) {
      this.#repeated(from, ours);
      return;
    }
    this.#open.splice(this.#open.indexOf(recorded), 1);
    this.#pairs.push({ recorded, ours });
    this.#waiting
      .filter(({ output }) => this.isMet(output))
      .forEach(({ resolve }) => {
        resolve();
      });
  }

  isMet(output: Output): boolean {
    return !this.#open.includes(output) || this.#hasSibling(output);
  }

  async met(output: Output): Promise<void> {
    return this.isMet(output)
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#waiting.push({ output, resolve });
        });
  }

  findings(): Finding[] {
    const missing = this.#open.filter((output) => !this.#hasSibling(output));
    return [
      ...this.#pairs.flatMap(({ recorded, ours }) =>
        findings(this.script, this.nameOf(recorded), compare(recorded.msg, ours).filter(isNoNewField)),
      ),
      ...missing.flatMap((output) => whole(this.script, this.nameOf(output), output.msg, undefined)),
      ...this.#extra.flatMap(({ from, ours }) => whole(this.script, `more output ${from}`, undefined, ours)),
    ];
  }

  /** More than 3.0.5 sent: of what is repeated anyway the number is free, but not the content. */
  #repeated(from: string, ours: Json): void {
    const sibling = this.script.outputs.find(
      (output) =>
        isRepeated(output.from, output.msg) && matterOf(output.from, output.msg) === matterOf(from, ours),
    );
    if (sibling === undefined) {
      this.#extra.push({ from, ours });
    } else {
      this.#pairs.push({ recorded: sibling, ours });
    }
  }

  /** Whether another output of the same matter came, so that this repetition need not. */
  #hasSibling(output: Output): boolean {
    const key = matterOf(output.from, output.msg);
    return (
      isRepeated(output.from, output.msg) &&
      this.#pairs.some(({ recorded }) => matterOf(recorded.from, recorded.msg) === key)
    );
  }

  /** `output consumer1.receive 2`: the second message of that output in the recording. */
  nameOf(output: Output): string {
    const ofPort = this.script.outputs.filter(({ from }) => from === output.from);
    return `output ${output.from} ${ofPort.indexOf(output) + 1}`;
  }
}

function isNoNewField({ field, recorded }: Mismatch): boolean {
  return recorded !== undefined || !NEW_OUTPUT_FIELDS.has(field);
}

/** Registrations and notifies are repeated as time passes. */
function isRepeated(from: string, msg: Json): boolean {
  return (
    from.endsWith('.registration') ||
    from.endsWith('.notify') ||
    textOf(msg, 'action') === 'notifyRegistration'
  );
}

/** What a message is about: messages of one matter are compared with each other. */
function matterOf(from: string, msg: Json): string {
  const consumer = property(property(msg, 'notifyData'), 'consumer');
  const parts = [textOf(msg, 'action'), textOf(msg, 'redlinkMsgId'), textOf(consumer, 'consumerId')];
  return `${from} ${parts.join(' ')}`;
}
