/** Does the work now and every so many milliseconds, until the returned function ends it: what an effect returns. */
export function every(ms: number, work: () => Promise<void>): () => void {
  void work();
  const timer = setInterval(() => void work(), ms);
  return () => clearInterval(timer);
}
