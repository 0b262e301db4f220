/** Outputs that come and go, and the wires at them. */
/**
 * Writes the outputs that a node will have into the form's `outputs` field. Node-RED then keeps each wire
 * at the output of the same name, wherever that output has moved.
 * @param before names of the outputs as they were
 * @param after names of the outputs as they will be
 */
export function moveOutputs(before, after) {
  let value = String(after.length);
  if (before.join() !== after.join()) {
    const map = {};
    before.forEach((name, index) => (map[index] = String(after.indexOf(name))));
    after.filter((name) => !before.includes(name)).forEach((name) => (map['_' + name] = 'new'));
    value = JSON.stringify(map);
  }
  $('#node-input-outputs').val(value);
}
