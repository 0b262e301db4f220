/** The fields of the open form. */
/** The field of a property in the open form. */
export const field = (property) => $('#node-input-' + property);
export const ticked = (property) => field(property).prop('checked');

/** Calls `update` now and at every change of the fields. */
export function onInput(fields, update) {
  for (const one of fields) {
    one.on('input change', update);
  }
  update();
}
