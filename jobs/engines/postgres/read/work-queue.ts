/**
 * Gives tasks to workers in order; tasks may add more while they run. A worker that finds nothing waits as long as
 * another one may still add something.
 */
export class WorkQueue<Task> {
  readonly #tasks: Task[] = [];
  #running = 0;
  #waiting: (() => void)[] = [];

  get size(): number {
    return this.#tasks.length;
  }

  add(...tasks: readonly Task[]): void {
    for (const task of tasks) this.#tasks.push(task);
    this.#wake();
  }

  /** Works until nothing is left for anybody. Rejects with the task's error; the other workers then have to be stopped by it. */
  async work(perform: (task: Task) => Promise<void>): Promise<void> {
    for (;;) {
      const task = this.#tasks.shift();
      if (task !== undefined) {
        this.#running += 1;
        try {
          await perform(task);
        } finally {
          this.#running -= 1;
          this.#wake();
        }
      } else if (this.#running === 0) {
        return;
      } else {
        await new Promise<void>((resolve) => void this.#waiting.push(resolve));
      }
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
