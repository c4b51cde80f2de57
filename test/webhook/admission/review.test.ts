import t from 'tap';
import { allowed, denied, encodeReview, patched, type Review } from '../../../webhook/admission/review.ts';
import { refusal } from '../../../webhook/errors.ts';

const WARNING = 'say "no" \\ to }} \u2028';

const reviews: Record<string, Review> = {
  'with a patch': patched('u', '[{"op":"remove","path":"/é"}]', []),
  'with a patch and warnings': patched('u', '[{"op":"remove","path":"/a"}]', [WARNING]),
  'without a patch': allowed('}}', [WARNING]),
  'with refusals': denied('u', [refusal('ASI_ADMIT_NO_REGION', WARNING)]),
};

for (const [what, review] of Object.entries(reviews)) {
  t.test(`an answer ${what} is the same once it was JSON`, async (t) => {
    t.strictSame(JSON.parse(encodeReview(review)), review);
  });
}

const patches = {
  short: 'é€😀',
  'as long as the buffer': '😀'.repeat(10_922),
  long: '€'.repeat(30_000),
  'next short': 'a',
};
for (const [what, patch] of Object.entries(patches)) {
  t.test(`a ${what} patch of any characters is in the answer as base64 of its UTF-8`, async (t) => {
    t.equal(Buffer.from(patched('u', patch, []).response.patch ?? '', 'base64').toString(), patch);
  });
}
