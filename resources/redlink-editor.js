/**
 * What the editor forms of the three Redlink nodes share. Each of `redlink-store.html`,
 * `redlink-producer.html` and `redlink-consumer.html` loads it before it registers its type; loading it
 * again changes nothing.
 */
(function () {
  if (window.RedlinkEditor) {
    return;
  }

  /** The destination that stands for "the service that each message names itself". */
  const SERVICE_OF_MESSAGE = 'msg.topic';

  /** Properties that were missing in a node and that its open form filled in, by node. */
  const filledIn = new WeakMap();

  /**
   * Gives a node of an older flow the properties that it lacks, with the values that such a flow runs with,
   * so that opening its form and closing it again neither changes what it does nor marks it as changed.
   * @param node the node being edited
   * @param whereMissing values for an old flow, by name; a property not named gets the default of a new node
   */
  function fillMissing(node, whereMissing) {
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

  /** Sets a property while the form is open; `takeBack` undoes it where the form is cancelled. */
  function setWhileOpen(node, name, value) {
    const before = filledIn.get(node) ?? {};
    if (!(name in before)) {
      before[name] = node[name];
    }
    filledIn.set(node, before);
    node[name] = value;
  }

  /** For `oneditcancel`: leaves the node as it was before its form was opened. */
  function takeBack(node) {
    for (const [name, value] of Object.entries(filledIn.get(node) ?? {})) {
      if (value === undefined) {
        delete node[name];
      } else {
        node[name] = value;
      }
    }
    filledIn.delete(node);
  }

  /**
   * Writes the outputs that a node will have into the form's `outputs` field. Node-RED then keeps each wire
   * at the output of the same name, wherever that output has moved.
   * @param before names of the outputs as they were
   * @param after names of the outputs as they will be
   */
  function moveOutputs(before, after) {
    let value = String(after.length);
    if (before.join() !== after.join()) {
      const map = {};
      before.forEach((name, index) => (map[index] = String(after.indexOf(name))));
      after.filter((name) => !before.includes(name)).forEach((name) => (map['_' + name] = 'new'));
      value = JSON.stringify(map);
    }
    $('#node-input-outputs').val(value);
  }

  /** @returns the answer of one of the package's admin paths, or `instead` where it cannot be had. */
  async function ask(path, instead) {
    try {
      return await $.getJSON('redlink/' + path);
    } catch (error) {
      console.warn('redlink: GET redlink/' + path + ' was not answered', error.status);
      return instead;
    }
  }

  /** @returns nodes of a type in the editor, deployed or not. */
  function nodesInEditor(type) {
    return RED.nodes.filterNodes({ type });
  }

  /** @returns `mesh:name` of each store, running or only drawn. */
  async function storeNames() {
    const drawn = nodesInEditor('redlink store')
      .filter((store) => store.name)
      .map((store) => store.meshName + ':' + store.name);
    return [...new Set([...(await ask('stores', [])), ...drawn])].sort();
  }

  /** @returns what a producer can send to by way of a store: `msg.topic`, then the services it sees. */
  async function destinations(storeName) {
    const drawn = nodesInEditor('redlink consumer')
      .filter((consumer) => consumer.consumerStoreName === storeName && consumer.name)
      .map((consumer) => consumer.name);
    const seen = storeName ? await ask('services?store=' + encodeURIComponent(storeName), []) : [];
    return [...new Set([SERVICE_OF_MESSAGE, ...[...seen, ...drawn].sort()])];
  }

  /**
   * Fills the dropdown of stores. The saved store stays chosen, also where nobody knows it; a node without a
   * store gets the only one that there is.
   * @param select the dropdown
   * @param saved the node's store, or blank
   */
  async function fillStores(select, saved) {
    const option = (name) => $('<option>').val(name).text(name).appendTo(select);
    option(saved ?? '');
    select.val(saved ?? '');
    const names = await storeNames();
    names.filter((name) => name !== saved).forEach(option);
    if (!saved && names.length === 1) {
      select.val(names[0]).trigger('change');
    }
  }

  /**
   * Shows a warning below a field while its value asks for one. A warning never makes a node invalid: what
   * an older version saved stays valid.
   * @param selector the field
   * @param warningFor takes the field's value, gives the warning's text or nothing
   */
  function warn(selector, warningFor) {
    const field = $(selector);
    const tip = $('<div class="form-tips redlink-warning" style="margin-bottom: 12px;">');
    tip.insertAfter(field.closest('.form-row')).hide();
    field.on('change keyup paste', () => {
      const text = warningFor(field.val());
      tip.text(text ?? '').toggle(Boolean(text));
    });
  }

  /** @returns whether a value is a number outside a range; text such as `${PORT}` is not. */
  function outOfRange(value, least, most) {
    return value !== '' && (Number(value) < least || Number(value) > most);
  }

  /** @returns a list of names as the text of a form field, and back. */
  const listToText = (list) => (Array.isArray(list) ? list.join(', ') : String(list ?? ''));
  const textToList = (text) => text.split(/[\s,]+/).filter(Boolean);

  /** @returns `name(store)`, the store without its mesh; the bare name while no store is chosen. */
  function labelWithStore(name, meshAndStore) {
    const store = (meshAndStore ?? '').replace(/^[^:]*:/, '');
    return store ? name + '(' + store + ')' : name;
  }

  window.RedlinkEditor = {
    ask,
    destinations,
    fillMissing,
    fillStores,
    labelWithStore,
    listToText,
    moveOutputs,
    nodesInEditor,
    outOfRange,
    setWhileOpen,
    takeBack,
    textToList,
    warn,
  };
})();
