// poll(): asks again and again while somebody looks, never twice at once.

/**
 * Runs `action` now and every `interval_ms`, except while the page is hidden or the last run is not
 * over; once more when the page is looked at again. The result ends it.
 */
export function poll(action: () => Promise<unknown>, interval_ms: number): () => void {
  let running = false;
  const run = async (): Promise<void> => {
    if (running || document.hidden) return;
    running = true;
    try {
      await action();
    } finally {
      running = false;
    }
  };
  const seen = (): void => void run();
  const timer = setInterval(seen, interval_ms);
  document.addEventListener("visibilitychange", seen);
  seen();
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", seen);
  };
}
