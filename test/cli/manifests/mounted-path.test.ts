/** Tests at which path a container sees a file of a volume. */
import t from 'tap';
import { mountedPath } from '../../../cli/manifests/mounted-path.ts';

const CASES: Record<string, readonly [mount: object, path: string, seen: string | undefined]> = {
  'a mount of the volume': [{}, 'a/b', '/mnt/a/b'],
  'the volume itself': [{}, '', '/mnt'],
  'a mount path that ends with a slash': [{ mountPath: '/mnt/' }, 'a', '/mnt/a'],
  'a mount of the file': [{ mountPath: '/etc/a.conf', subPath: 'a' }, 'a', '/etc/a.conf'],
  'a mount of its folder': [{ subPath: 'a' }, 'a/b', '/mnt/b'],
  'a mount of its folder with a slash at the end': [{ subPath: 'a/' }, 'a/b', '/mnt/b'],
  'an empty part, as null': [{ subPath: null }, 'a', '/mnt/a'],
  'a mount of another folder whose name begins alike': [{ subPath: 'a' }, 'ab/c', undefined],
  'a part that depends on variables': [{ subPathExpr: '$(POD)' }, 'a', undefined],
};

for (const [name, [mount, path, seen]] of Object.entries(CASES)) {
  t.test(`${name}`, async (t) => {
    t.equal(mountedPath({ name: 'volume', mountPath: '/mnt', ...mount }, path), seen);
  });
}
