/** The field that says which store a producer or consumer is attached to, and the way to that store's form. */
import * as checks from './checks.js';
import { field } from './fields.js';
import { nameOf, nodesInEditor, storeNames, storeNode } from './known.js';
import { note } from './notes.js';
import { offer } from './offer.js';
import { text } from './texts.js';

/** Closes this form with Done, and opens that of the store: Node-RED shows one node's form at a time. */
function openStore(store) {
  $('#node-dialog-ok').trigger('click');
  whenClosed(() => {
    RED.view.reveal(store.id);
    RED.editor.edit(store);
  });
}

function whenClosed(then) {
  if ($('.red-ui-tray').length === 0) then();
  else requestAnimationFrame(() => whenClosed(then));
}

/**
 * Offers the stores that there are; a node without a store gets the only one.
 * @param property of the node
 * @param saved the node's store, or blank
 */
export async function prepareStoreField(property, saved) {
  const input = field(property);
  const button = input.siblings('.redlink-open-store');
  RED.popover.tooltip(button, text('form.openStore'));
  button.attr('aria-label', text('form.openStore'));
  button.on('click', () => openStore(storeNode(input.val().trim())));

  const refresh = offer(property, storeNames);
  let known = nodesInEditor('redlink store').map(nameOf);
  const update = note(input, (name) => {
    button.prop('disabled', storeNode(name.trim()) === undefined);
    if (checks.blank(name)) return text(known.length === 0 ? 'form.noStores' : 'form.blankStore');
    if (checks.left(name) || known.includes(name.trim())) return undefined;
    return text('form.unknownStore', { store: name });
  });
  known = await refresh();
  if (!saved && known.length === 1 && checks.blank(input.val())) input.val(known[0]).trigger('change');
  update();
}
