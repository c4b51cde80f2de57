/** Counts the work that is done on a value in steps, which are the same on every machine, unlike milliseconds. */

const SCANS = ['includes', 'indexOf', 'lastIndexOf'] as const;

/**
 * Runs `work` with a copy of the value, and returns how many steps it took: one for each member that is read of the value at
 * any depth, and one for each element that `includes` and its like walk over in any array.
 */
export async function stepsOf<T extends object>(value: T, work: (counted: T) => unknown): Promise<number> {
  let steps = 0;
  const seen = new WeakMap<object, object>();
  const counted = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    const known = seen.get(part);
    if (known) return known;
    const proxy = new Proxy(part, {
      get(target, key, receiver) {
        steps += 1;
        return counted(Reflect.get(target, key, receiver));
      },
      getOwnPropertyDescriptor(target, key) {
        steps += 1;
        const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
        return descriptor && { ...descriptor, value: counted(descriptor.value) };
      },
    });
    seen.set(part, proxy);
    return proxy;
  };
  const restore = SCANS.map((name) => {
    const original = Array.prototype[name] as (...searched: unknown[]) => unknown;
    const counting = function (this: unknown[], ...searched: unknown[]): unknown {
      steps += this.length;
      return original.apply(this, searched);
    };
    Object.assign(Array.prototype, { [name]: counting });
    return () => Object.assign(Array.prototype, { [name]: original });
  });
  try {
    await work(counted(structuredClone(value)) as T);
  } finally {
    for (const undo of restore) undo();
  }
  return steps;
}
