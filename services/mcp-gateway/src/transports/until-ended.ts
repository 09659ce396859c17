/** Waits for what `start` begins, or for the signal, whichever comes first; leaves no listener on the signal. */
export function untilEnded(ended: AbortSignal, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      ended.removeEventListener("abort", done);
      resolve();
    };
    start(done);
    if (ended.aborted) done();
    else ended.addEventListener("abort", done, { once: true });
  });
}
