/** The folders that no mount may hide, as a mount path and as the path of one file. */
import t from 'tap';
import { parseFileTarget } from '../../../webhook/declare/paths.ts';
import { parseMountPath } from '../../../webhook/declare/values.ts';

const NEEDED = [
  ...['/bin', '/boot', '/etc', '/lib', '/lib32', '/lib64', '/libx32', '/run', '/sbin', '/usr', '/usr/bin', '/usr/lib'],
  ...['/usr/lib32', '/usr/lib64', '/usr/local', '/usr/local/bin', '/usr/local/lib', '/usr/sbin', '/usr/share', '/var'],
  ...['/var/run', '/run/secrets', '/var/run/secrets'],
];

const MOUNTED = [
  ...['/dev', '/proc', '/sys', '/dev/shm', '/proc/1/environ', '/sys/fs/cgroup', '/run/aws-secrets-injector/secrets'],
  ...['/var/run/secrets/kubernetes.io', '/run/secrets/kubernetes.io/serviceaccount', '/var/run/aws-secrets-injector'],
  ...['/var/run/secrets/eks.amazonaws.com/serviceaccount', '/var/run/secrets/pods.eks.amazonaws.com'],
];

for (const path of [...NEEDED, ...MOUNTED]) {
  t.test(`neither a folder nor a file is mounted at ${path}`, async (t) => {
    t.match(parseMountPath(path), { ok: false, problem: /system folder.*; write a folder of its own, like \/mnt\// });
    t.match(parseFileTarget(path), { ok: false, problem: /system folder.*; write another path$/ });
  });
}

for (const path of ['/etc/', '/usr//', '/run/']) {
  t.test(`a "/" at the end hides nothing: ${path}`, async (t) => {
    t.match(parseMountPath(path), { ok: false, problem: /^is a system folder, which the mount would hide; / });
  });
}

for (const path of ['//etc', '/etc/.', '/./etc', '/opt/../etc', '/']) {
  t.test(`another spelling of a system folder is refused: ${path}`, async (t) => {
    t.notOk(parseMountPath(path).ok);
    t.notOk(parseFileTarget(path).ok);
  });
}

const FREE = [
  '/etc/shop',
  '/run/shop',
  '/var/run/shop',
  '/usr/share/shop',
  '/opt',
  '/srv',
  '/etcetera',
  '/run/secrets/shop',
];

for (const path of FREE) {
  t.test(`a folder and a file may be mounted at ${path}`, async (t) => {
    t.same(parseMountPath(path), { ok: true, value: path });
    t.same(parseFileTarget(path), {
      ok: true,
      value: { path: path.slice(1), directory: '/run/aws-secrets-injector/files' },
    });
  });
}
