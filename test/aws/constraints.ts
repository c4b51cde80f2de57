/** Reads the members of AWS's inputs. A value out of bounds is refused in AWS's words. */
import * as v from 'valibot';

/** Reads a text of so many characters. */
export function text(least: number, most: number) {
  return v.pipe(
    v.string(),
    v.minLength(least, `Member must have length greater than or equal to ${least}`),
    v.maxLength(most, `Member must have length less than or equal to ${most}`),
  );
}

/** Reads a list of so many items. */
export function list<const T extends v.GenericSchema>(item: T, least: number, most: number) {
  return v.pipe(
    v.array(item),
    v.minLength(least, `Member must have length greater than or equal to ${least}`),
    v.maxLength(most, `Member must have length less than or equal to ${most}`),
  );
}

/** Reads one of these texts. */
export function oneOf<const T extends readonly string[]>(texts: T) {
  return v.picklist(texts, `Member must satisfy enum value set: [${texts.join(', ')}]`);
}

/** Reads how many items a page may have at most. */
export function pageSize(most: number) {
  return v.pipe(
    v.number(),
    v.safeInteger('Member must be a whole number'),
    v.minValue(1, 'Member must have value greater than or equal to 1'),
    v.maxValue(most, `Member must have value less than or equal to ${most}`),
  );
}
