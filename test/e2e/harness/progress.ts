const start = Date.now();

/** Prints a line with the seconds since the start, so that a long run shows where it is. */
export function say(text: string): void {
  process.stderr.write(`e2e ${String(Math.round((Date.now() - start) / 1000)).padStart(4)} s: ${text}\n`);
}

/**
 * Asks again and again until the answer is not undefined; a probe that fails is asked again, too, as pods come and go. After
 * the time it throws what it waited for, with the last failure, and with what `explain` tells about the present state.
 */
export async function until<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined>,
  explain: () => Promise<string> = async () => '',
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let failure = '';
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
      failure = '';
    } catch (error) {
      failure = `${error}\n`;
    }
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain for ${what}\n${failure}${await explain()}`);
    await sleep(300);
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
