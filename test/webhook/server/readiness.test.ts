import t from 'tap';
import { createReadiness } from '../../../webhook/server/readiness.ts';

const noon = new Date('2026-11-21T12:00:00Z');
const later = new Date('2026-11-22T12:00:00Z');

t.test('is ready with a valid certificate, full caches and an open port only', async (t) => {
  const readiness = createReadiness();
  t.same(readiness.obstacles(noon).length, 3);
  readiness.certified(later);
  readiness.cacheSynced('serviceaccounts');
  t.same(readiness.obstacles(noon), ['not listening yet']);
  readiness.listening();
  t.same(readiness.obstacles(noon), []);
});

t.test('is not ready before each cache that it needs is read', async (t) => {
  const readiness = createReadiness(['serviceaccounts', 'externalsecrets']);
  readiness.certified(later);
  readiness.listening();
  readiness.cacheSynced('serviceaccounts');
  t.same(readiness.obstacles(noon), ['externalsecrets not read yet']);
});

t.test('is not ready once the certificate has expired', async (t) => {
  const readiness = createReadiness();
  readiness.listening();
  readiness.cacheSynced('serviceaccounts');
  readiness.certified(noon);
  t.same(readiness.obstacles(later), ['the certificate has expired']);
});

t.test('says why there is no certificate, and nothing of it once there is one', async (t) => {
  const readiness = createReadiness();
  readiness.listening();
  readiness.cacheSynced('serviceaccounts');
  readiness.certificateProblem('There is no Secret.');
  t.same(readiness.obstacles(noon), ['no certificate yet', 'There is no Secret.']);
  readiness.certified(later);
  t.same(readiness.obstacles(noon), []);
});

t.test('is not ready once it shuts down', async (t) => {
  const readiness = createReadiness();
  readiness.listening();
  readiness.cacheSynced('serviceaccounts');
  readiness.certified(later);
  readiness.drain();
  t.same(readiness.obstacles(noon), ['shutting down']);
  t.ok(readiness.draining());
});
