// Owns the promise that this machine is left as it was found: every change outside a temporary directory and
// every process started registers how to take it back here.
// It must not wait for anything: the last chance is the synchronous exit event of the test process.

const pending = new Set<() => void>();
let armed = false;

/** Registers `undo` to run when the process ends, however it ends; the answer runs it now, once. */
export function undoAtExit(undo: () => void): () => void {
  arm();
  const once = () => {
    if (pending.delete(once)) undo();
  };
  pending.add(once);
  return once;
}

function arm(): void {
  if (armed) return;
  armed = true;
  process.on('exit', () => {
    for (const undo of [...pending].reverse()) {
      try {
        undo();
      } catch (error) {
        console.error('cannot undo a change of the end-to-end tests:', error);
      }
    }
  });
  // A signal's default action would end the process without its exit event.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
}
