/** Shares the event loop: work that can wait is done in small parts, because Node accepts one connection per turn of the loop. */

/** Returns a function that queues jobs, of which at most so many run in each turn of the event loop. */
export function createTurns(jobsPerTurn: number): (job: () => void) => void {
  const jobs: (() => void)[] = [];
  let isPlanned = false;
  const plan = () => {
    if (isPlanned || jobs.length === 0) return;
    isPlanned = true;
    setImmediate(() => {
      isPlanned = false;
      for (const job of jobs.splice(0, jobsPerTurn)) job();
      plan();
    });
  };
  return (job) => {
    jobs.push(job);
    plan();
  };
}
