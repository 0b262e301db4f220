/** Nodes of older flows lack properties: their forms show what such a node runs with, and keep it out of the flow. */
/** Properties that were missing in a node and that its open form filled in, by node. */
const filledIn = new WeakMap();

/**
 * Gives a node of an older flow the properties that it lacks, with the values that such a flow runs with,
 * so that its form shows them, and saves them where something else is changed.
 * @param node the node being edited
 * @param whereMissing values for an old flow, by name; a property not named gets the default of a new node
 */
export function fillMissing(node, whereMissing) {
  const added = {};
  for (const [name, definition] of Object.entries(node._def.defaults)) {
    if (node[name] === undefined && definition.value !== undefined) {
      added[name] = undefined;
      node[name] = structuredClone(name in whereMissing ? whereMissing[name] : definition.value);
      showInForm(name, definition, node[name]);
    }
  }
  filledIn.set(node, added);
  denyMissingCredentials(node);
}

/**
 * Says of each credential that was never set that it is not: Node-RED leaves that open for a node without
 * any, and would then take the form's blank fields for a change.
 */
function denyMissingCredentials({ _def, credentials }) {
  for (const name of Object.keys(_def.credentials ?? {})) {
    for (const known of [credentials, credentials?._].filter(Boolean)) {
      known['has_' + name] ??= false;
    }
  }
}

function showInForm(name, definition, value) {
  const field = $('#node-input-' + name);
  if (field.attr('type') === 'checkbox') {
    field.prop('checked', value);
  } else if (!definition.type) {
    // Where there is a type, the field is Node-RED's own list of configuration nodes.
    field.val(value);
  }
}

/** Sets a property while the form is open; `takeBack` undoes it. */
export function setWhileOpen(node, name, value) {
  const before = filledIn.get(node) ?? {};
  if (!(name in before)) {
    before[name] = node[name];
  }
  filledIn.set(node, before);
  node[name] = value;
}

/** For `oneditcancel`: leaves the node as it was before its form was opened. */
export function takeBack(node) {
  for (const [name, value] of Object.entries(filledIn.get(node) ?? {})) {
    if (value === undefined) {
      delete node[name];
    } else {
      node[name] = value;
    }
  }
  filledIn.delete(node);
}

/** The last undoable change before a form was saved, by node. */
const beforeSave = new WeakMap();

/**
 * For `oneditsave`: where the user has changed nothing, the node stays as it was, without the properties
 * that the form filled in. Node-RED finds out only after `oneditsave` whether there is a change.
 */
export function takeBackIfUnchanged(node) {
  beforeSave.set(node, { change: RED.history.peek() });
}

RED.events.on('editor:save', (node) => {
  const before = beforeSave.get(node);
  beforeSave.delete(node);
  if (before && RED.history.peek() === before.change) takeBack(node);
});
