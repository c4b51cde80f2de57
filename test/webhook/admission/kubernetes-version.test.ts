import t from 'tap';
import { deliversEnvFiles, parseVersion } from '../../../webhook/admission/kubernetes-version.ts';

const versions: [text: string | undefined, parsed: object | undefined, delivers: boolean][] = [
  ['v1.35.2-eks-1a2b3c', { major: 1, minor: 35 }, true],
  ['1.35+', { major: 1, minor: 35 }, true],
  ['v1.34.9-eks-1a2b3c', { major: 1, minor: 34 }, false],
  ['v1.9.11', { major: 1, minor: 9 }, false],
  ['v1.100.0', { major: 1, minor: 100 }, true],
  ['v2.0.0', { major: 2, minor: 0 }, true],
  ['', undefined, false],
  ['1.', undefined, false],
  ['undefined.undefined', undefined, false],
  [undefined, undefined, false],
];
for (const [text, parsed, delivers] of versions) {
  t.test(`reads ${text} as ${JSON.stringify(parsed)}`, async (t) => {
    t.strictSame(parseVersion(text), parsed);
    t.equal(deliversEnvFiles(parsed && parseVersion(text)), delivers);
  });
}
