/** The stores and services that there are: running, or only drawn in the editor. */
/** @returns the answer of one of the package's admin paths, or `instead` where it cannot be had. */
export async function ask(path, instead) {
  try {
    return await $.getJSON('redlink/' + path);
  } catch (error) {
    console.warn('redlink: GET redlink/' + path + ' was not answered', error.status);
    return instead;
  }
}

/** @returns nodes of a type in the editor, deployed or not. */
export function nodesInEditor(type) {
  return RED.nodes.filterNodes({ type });
}

export const nameOf = (store) => store.meshName + ':' + store.name;

/** @returns the store node of a name, `mesh:name`, or nothing. */
export function storeNode(name) {
  return nodesInEditor('redlink store').find((store) => nameOf(store) === name);
}

/** @returns `mesh:name` of each store, running or only drawn. */
export async function storeNames() {
  const drawn = nodesInEditor('redlink store')
    .filter((store) => store.name)
    .map(nameOf);
  return [...new Set([...(await ask('stores', [])), ...drawn])].sort();
}

/** @returns the services that a store sees, running or only drawn. */
export async function services(storeName) {
  const drawn = nodesInEditor('redlink consumer')
    .filter((consumer) => consumer.consumerStoreName === storeName && consumer.name)
    .map((consumer) => consumer.name);
  const seen = storeName ? await ask('services?store=' + encodeURIComponent(storeName), []) : [];
  return [...new Set([...seen, ...drawn])].sort();
}
