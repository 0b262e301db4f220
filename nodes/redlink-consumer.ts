import type { NodeAPI } from 'node-red';

/**
 * What Node-RED loads, by `require` (4.x) or `import()` (5.x). Everything behind it is ES modules and is
 * imported here at run time: a static import of them from CommonJS would race with other node packages
 * that import the same ES modules, and fail (`ERR_REQUIRE_ESM_RACE_CONDITION`).
 */
export = async function loadConsumer(RED: NodeAPI): Promise<void> {
  const { registerConsumer } = await import('./runtime/consumer-node.js');
  registerConsumer(RED);
};
