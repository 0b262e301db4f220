/** The mesh key in the form of a store: made with one click, copied to the other stores. */
import { HIDDEN } from './checks.js';
import { field, onInput } from './fields.js';
import { text } from './texts.js';

/** A key that is saved cannot be shown again: Node-RED gives no credential back. */
const isSaved = () => field('meshKey').val() === HIDDEN;

/** Puts a new key into the form. The former, where the form still has it, stays valid for the change. */
async function make() {
  const former = field('meshKey').val();
  try {
    const { meshKey } = await $.ajax({
      method: 'POST',
      url: 'redlink/mesh-key',
      contentType: 'application/json',
      data: '{}',
    });
    if (former !== '' && !isSaved()) field('meshKeyOld').val(former).trigger('change');
    field('meshKey').val(meshKey).trigger('change');
    RED.notify(text('key.made'), 'success');
  } catch (answer) {
    RED.notify(text('key.notMade', { reason: answer.responseJSON?.error ?? answer.status }), 'error');
  }
}

function copy() {
  RED.clipboard.copyText(field('meshKey').val(), $('#redlink-store-copy-key'), text('key.copied'));
}

/** Shows the key while the eye is pressed in, so that it can be read out. */
function toggleEye() {
  const shown = field('meshKey').attr('type') === 'text';
  field('meshKey').attr('type', shown ? 'password' : 'text');
  $('#redlink-store-show-key')
    .attr('aria-pressed', String(!shown))
    .find('i')
    .toggleClass('fa-eye fa-eye-slash');
}

export function prepareMeshKey() {
  $('#redlink-store-make-key').on('click', () => void make());
  $('#redlink-store-copy-key').on('click', copy);
  $('#redlink-store-show-key').on('click', toggleEye);
  for (const id of ['make', 'copy', 'show']) {
    RED.popover.tooltip($('#redlink-store-' + id + '-key'), text('key.' + id));
    $('#redlink-store-' + id + '-key').attr('aria-label', text('key.' + id));
  }
  onInput([field('meshKey')], () => {
    const useless = isSaved() || field('meshKey').val() === '';
    $('#redlink-store-copy-key, #redlink-store-show-key').prop('disabled', useless);
  });
}
