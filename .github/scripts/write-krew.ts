/** `npm run krew -- FOLDER OWNER/NAME`: writes aws-secrets.yaml for krew beside the archives in the folder. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { archiveOf, krewManifest, PLATFORMS } from './krew.ts';

const [folder = '.', repository = ''] = process.argv.slice(2);

const digests = PLATFORMS.map(({ name }) => [
  name,
  createHash('sha256')
    .update(readFileSync(join(folder, archiveOf(name))))
    .digest('hex'),
]);
writeFileSync(
  join(folder, 'aws-secrets.yaml'),
  krewManifest({ version: manifest.version, repository, digests: Object.fromEntries(digests) }),
);
