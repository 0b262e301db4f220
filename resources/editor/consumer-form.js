/** The form of a consumer. */
import * as checks from './checks.js';
import { field, onInput, ticked } from './fields.js';
import { rememberName } from './followers.js';
import { fillMissing, takeBackIfUnchanged } from './missing-properties.js';
import { note, problemText } from './notes.js';
import { moveOutputs } from './outputs.js';
import { prepareRate } from './rate.js';
import { foldSections, openWarnedSections, summarise } from './sections.js';
import { prepareStoreField } from './store-field.js';
import { readableSeconds, showReadable } from './units.js';

/** Seconds: nothing that waits is looked at more often. */
const SHORTEST_RE_NOTIFY = 0.1;

const text = (key, values) =>
  RED._('node-red-contrib-redlink/redlink-consumer:redlink-consumer.' + key, values);

export function outputsOf({ showDebugReceiveSend }) {
  return ['receive', 'notify', 'failure', showDebugReceiveSend && 'debug'].filter(Boolean);
}

function prepareNotes() {
  note(field('name'), (name) => checks.blank(name) && text('warning.blankName'));
  note(field('intransit'), (limit) => {
    if (checks.left(limit)) return undefined;
    if (Number(limit) <= 0) return text('warning.paused');
    return problemText(checks.wholeNumber(0)(limit));
  });
  note(field('reNotifyInterval'), (seconds) => {
    if (checks.left(seconds)) return undefined;
    if (checks.number(seconds)) return problemText(checks.number(seconds));
    return Number(seconds) < SHORTEST_RE_NOTIFY ? text('warning.reNotify') : undefined;
  });
  note(field('manualReadReceiveSend'), () =>
    ticked('manualReadReceiveSend') ? { info: text('hint.manualRead') } : undefined,
  );
  showReadable('reNotifyInterval', readableSeconds);
}

/** Shows only the fields that count: what is read by hand has no rate to limit. */
function prepareVisibility() {
  onInput([field('manualReadReceiveSend')], () => {
    $('.redlink-consumer-automatic').toggle(!ticked('manualReadReceiveSend'));
  });
  prepareRate('ReceiveSend');
}

function summariseSections() {
  summarise('reading', ['manualReadReceiveSend', 'rateTypeReceiveSend'], () => [
    ticked('manualReadReceiveSend')
      ? text('summary.manualRead')
      : text(field('rateTypeReceiveSend').val() === 'rateLimit' ? 'summary.limit' : 'summary.noLimit'),
  ]);
  summarise('outputs', ['showDebugReceiveSend'], () =>
    outputsOf({ showDebugReceiveSend: ticked('showDebugReceiveSend') }).map((name) => text('output.' + name)),
  );
}

export function prepare(node) {
  fillMissing(node, {});
  rememberName(node);
  foldSections(node.type);
  void prepareStoreField('consumerStoreName', node.consumerStoreName);
  prepareVisibility();
  prepareNotes();
  summariseSections();
  openWarnedSections();
}

export function save(node) {
  takeBackIfUnchanged(node);
  moveOutputs(outputsOf(node), outputsOf({ showDebugReceiveSend: ticked('showDebugReceiveSend') }));
}
