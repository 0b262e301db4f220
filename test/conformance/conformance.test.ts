import assert from 'node:assert/strict';
import { legacyCertificate } from './certificate.js';
import { differenceOf, DIFFERENCES } from './differences.js';
import { describeFinding, type Finding } from './finding.js';
import { inTurns } from './in-turns.js';
import { loadRecordings } from './recording.js';
import { Scene } from './scene.js';
import { longestWaitMs, type Script, scriptsOf } from './script.js';
import { raise, strike } from './stage.js';

/** Some scenes wait for time limits of 20 s as the recording has them; on a busy machine all take their time. */
const WHOLE_SUITE_TIMEOUT_MS = 180_000;

/** As many as keep a core busy, and so few that none is late because of the others. */
const SCENES_AT_ONCE = 16;

/** Those that wait for time limits come first: the others are played meanwhile. */
const scripts = loadRecordings()
  .flatMap(scriptsOf)
  .sort((a, b) => longestWaitMs(b) - longestWaitMs(a));

describe('a store of ours among stores of 3.0.5', function () {
  this.timeout(WHOLE_SUITE_TIMEOUT_MS);
  let scenes: Scene[] = [];
  let results: Promise<Finding[]>[] = [];

  before(async () => {
    const certificate = await legacyCertificate();
    scenes = await Promise.all(
      scripts.map(async (script, index) => Scene.prepare(script, `t${index}`, certificate)),
    );
    await raise(scenes.map(({ cast }) => cast));
    results = inTurns(
      scenes.map((scene) => async () => scene.play()),
      SCENES_AT_ONCE,
    );
    await Promise.allSettled(results);
  });

  after(async () => {
    await strike();
    await Promise.all(scenes.map(async (scene) => scene.close()));
  });

  scripts.forEach((script, index) => {
    it(`says and answers in ${nameOf(script)} what 3.0.5 did`, async () => {
      const found = (await results[index]) ?? [];
      const unlisted = found.filter((finding) => differenceOf(finding) === undefined);
      assert.equal(unlisted.map(describeFinding).join('\n'), '');
    });
  });

  it('differs wherever the list of differences says that it does', async () => {
    const found = (await Promise.all(results)).flat();
    const gone = DIFFERENCES.flatMap((difference) =>
      difference.scenarios
        .filter(
          (scenario) => !found.some((one) => one.scenario === scenario && differenceOf(one) === difference),
        )
        .map((scenario) => `${scenario}: ${difference.at} ${difference.field}: ${difference.because}`),
    );
    assert.deepEqual(gone, []);
  });
});

function nameOf({ recording, process, variant }: Script): string {
  switch (variant) {
    case 'flow':
      return `${recording.scenario}, as process ${process},`;
    case 'offers':
      return `${recording.scenario}, when ${process} is sent its own offers,`;
    case 'reads':
      return `${recording.scenario}, when ${process} is sent its own reads,`;
  }
}
