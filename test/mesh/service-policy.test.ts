import assert from 'node:assert/strict';
import { ALL_SERVICES, type ServiceLists } from '../../src/mesh/service-policy.js';
import { CoreMesh } from '../support/core-mesh.js';

const only = (lists: Partial<ServiceLists>): { services: ServiceLists } => ({
  services: { ...ALL_SERVICES, ...lists },
});

describe('the lists of services of a store', () => {
  let mesh: CoreMesh;
  beforeEach(() => {
    mesh = new CoreMesh();
  });
  afterEach(() => mesh.close());

  it('keep back what its consumers may not offer', async () => {
    const north = await mesh.store('10.0.0.1');
    const south = await mesh.store('10.0.0.2', ['10.0.0.1'], only({ offer: ['open'] }));
    south.consumer({ id: 'c1', service: 'open' });
    south.consumer({ id: 'c2', service: 'inner' });
    await mesh.clock.advance(1_000);
    assert.deepEqual(north.store.services(), ['open']);
    assert.deepEqual([...south.store.services()].sort(), ['inner', 'open']);
  });

  it('refuse what its producers may not send to', async () => {
    const store = await mesh.store('10.0.0.1', [], only({ produce: ['open'] }));
    store.consumer({ id: 'c1', service: 'open' });
    store.consumer({ id: 'c2', service: 'inner' });
    const open = store.producer({ service: 'open' });
    const inner = store.producer({ service: 'inner' });
    open.send();
    assert.throws(() => inner.send(), { code: 'SERVICE_NOT_ALLOWED' });
    await mesh.clock.advance(1_000);
    assert.equal(open.replies.length, 1);
  });

  it('let only what it may carry pass between other stores', async () => {
    const north = await mesh.store('10.0.0.1');
    await mesh.store('10.0.0.2', ['10.0.0.1'], only({ carry: ['crossing'] }));
    const south = await mesh.store('10.0.0.3', ['10.0.0.2']);
    south.consumer({ id: 'c1', service: 'crossing' });
    south.consumer({ id: 'c2', service: 'staying' });
    await mesh.clock.advance(1_000);
    assert.deepEqual(north.store.services(), ['crossing']);
    const producer = north.producer({ service: 'crossing' });
    producer.send();
    await mesh.clock.advance(2_000);
    assert.equal(producer.replies.length, 1);
  });
});
