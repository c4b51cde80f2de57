import versions from '../versions.json' with { type: 'json' };

/** Returns the topics to run on an API server of this minor version: those of the newest listed version that is not newer. */
export function topicsOf(minor: number): readonly string[] {
  const [newest] = Object.entries(versions)
    .filter(([version]) => Number(version.split('.')[1]) <= minor)
    .slice(-1);
  if (newest === undefined) throw new Error(`test/e2e/versions.json has no topics for Kubernetes 1.${minor}`);
  return newest[1].topics;
}
