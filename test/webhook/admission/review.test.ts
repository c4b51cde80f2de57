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

/** Warnings with as many characters as there is room for. */
const FIVE = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(700));

const warnings: [what: string, warnings: string[], shown: string[]][] = [
  ['of 800 characters is whole', ['x'.repeat(800)], ['x'.repeat(800)]],
  ['of more characters ends at 800 with an ellipsis', ['x'.repeat(801)], [`${'x'.repeat(799)}…`]],
  ['is not cut within a character', [`${'x'.repeat(798)}😀😀`], [`${'x'.repeat(798)}\ufffd…`]],
  ['is on one line', ['a\nb\u0000c'], ['a b c']],
  ['that stands there twice is there once', ['a', 'b', 'a'], ['a', 'b']],
  ['for which there is no room is counted', [...FIVE, 'f', 'g'], [...FIVE, 'and 2 more warnings']],
];
for (const [what, given, shown] of warnings) {
  t.test(`a warning ${what}`, async (t) => {
    t.strictSame(allowed('u', given).response.warnings, shown);
  });
}
