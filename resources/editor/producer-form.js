/** The form of a producer. */
import * as checks from './checks.js';
import { field, onInput, ticked } from './fields.js';
import { services } from './known.js';
import { fillMissing, takeBackIfUnchanged } from './missing-properties.js';
import { note, noteCheck, problemText } from './notes.js';
import { offer } from './offer.js';
import { moveOutputs } from './outputs.js';
import { prepareRate } from './rate.js';
import { foldSections, openWarnedSections, summarise } from './sections.js';
import { prepareStoreField } from './store-field.js';
import { readableSeconds, showReadable } from './units.js';

/** The destination that stands for "the service that each message names itself". */
const SERVICE_OF_MESSAGE = 'msg.topic';

/** ETT of a message that waits as long as it takes. */
const NEVER = -1;

const text = (key, values) =>
  RED._('node-red-contrib-redlink/redlink-producer:redlink-producer.' + key, values);

export function outputsOf({ sendOnly, showDebug }) {
  return [!sendOnly && 'receive', !sendOnly && 'notify', 'failure', showDebug && 'debug'].filter(Boolean);
}

/** Offers `msg.topic`, then the services of the chosen store; says so of a service that nobody offers yet. */
function prepareDestination() {
  const store = field('producerStoreName');
  let known = [];
  const destinations = async () => {
    known = await services(store.val());
    return [SERVICE_OF_MESSAGE, ...known];
  };
  const refresh = offer('producerConsumer', destinations);
  const update = note(field('producerConsumer'), (service) => {
    if (checks.blank(service)) return text('warning.destination');
    if (service === SERVICE_OF_MESSAGE) return { info: text('hint.topic') };
    if (checks.left(service) || known.includes(service.trim())) return undefined;
    return { info: text('hint.unknownService') };
  });
  store.on('change', () => void refresh().then(update));
  void refresh().then(update);
}

/** Shows only the fields that count: a message that is only sent has no reply to be read or limited. */
function prepareVisibility() {
  onInput(['sendOnly', 'manualRead', 'redeliver'].map(field), () => {
    $('.redlink-section[data-section="replies"]').toggle(!ticked('sendOnly'));
    $('.redlink-producer-automatic').toggle(!ticked('manualRead'));
    $('.redlink-producer-redeliver').toggle(ticked('redeliver'));
  });
  prepareRate('SendReceive');
}

function problemOfTimeLimit(value) {
  const seconds = Number(value);
  if (checks.left(value) || seconds === NEVER) return undefined;
  if (checks.number(value)) return problemText(checks.number(value));
  if (seconds <= 0) return text('warning.ett');
  const interval = Number(field('notifyInterval').val());
  return seconds < interval ? text('warning.ettBelowNotify', { ett: seconds, interval }) : undefined;
}

function prepareNotes() {
  note(
    field('producerETT'),
    (value) =>
      problemOfTimeLimit(value) ?? (Number(value) === NEVER ? { info: text('hint.never') } : undefined),
    [field('notifyInterval')],
  );
  noteCheck(field('notifyInterval'), checks.positive);
  noteCheck(field('priority'), checks.number);
  noteCheck(field('maxDeliver'), checks.wholeNumber(1));
  note(field('redeliver'), () => (ticked('redeliver') ? { info: text('hint.redeliver') } : undefined));
  note(field('enforceReversePath'), () =>
    ticked('enforceReversePath') ? undefined : { info: text('hint.direct') },
  );
  for (const property of ['producerETT', 'notifyInterval']) {
    showReadable(property, readableSeconds);
  }
}

function summariseSections() {
  summarise('delivery', ['priority', 'redeliver'], () => [
    text('summary.priority', { priority: field('priority').val() || '0' }),
    ticked('redeliver') && text('summary.redeliver'),
  ]);
  summarise('replies', ['manualRead', 'rateTypeSendReceive'], () => [
    ticked('manualRead') && text('summary.manualRead'),
    !ticked('manualRead') &&
      text(field('rateTypeSendReceive').val() === 'rateLimit' ? 'summary.limit' : 'summary.noLimit'),
  ]);
  summarise('outputs', ['sendOnly', 'showDebug'], () =>
    outputsOf({ sendOnly: ticked('sendOnly'), showDebug: ticked('showDebug') }).map((name) =>
      text('output.' + name),
    ),
  );
}

export function prepare(node) {
  fillMissing(node, { redeliver: false });
  foldSections(node.type);
  void prepareStoreField('producerStoreName', node.producerStoreName);
  prepareDestination();
  prepareVisibility();
  prepareNotes();
  summariseSections();
  openWarnedSections();
}

export function save(node) {
  takeBackIfUnchanged(node);
  moveOutputs(outputsOf(node), outputsOf({ sendOnly: ticked('sendOnly'), showDebug: ticked('showDebug') }));
}
