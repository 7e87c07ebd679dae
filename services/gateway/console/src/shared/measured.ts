/** Runs `work` between two marks, so that tools see what it costs the main thread; the page itself keeps nothing of it. */
export function measured(name: string, work: () => void): void {
  const [begin, end] = [`${name}:begin`, `${name}:end`];
  performance.mark(begin);
  work();
  performance.mark(end);
  performance.measure(name, begin, end);
  performance.clearMarks(begin);
  performance.clearMarks(end);
  performance.clearMeasures(name);
}
