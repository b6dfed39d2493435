/** The processes of this host one after another, so that a look at all of them delays no beat. */
import { setTimeout as delay } from "node:timers/promises";

/** After this time the beat gets its turn. */
const MAX_BLOCKING_MS = 1;

/** Every pid but that of this process. */
export async function* pacedProcesses(): AsyncGenerator<number> {
  let sinceMs = performance.now();
  for (const { name } of Deno.readDirSync("/proc")) {
    const pid = Number(name);
    if (!/^\d+$/.test(name) || pid === Deno.pid) continue;
    if (performance.now() - sinceMs > MAX_BLOCKING_MS) {
      await delay(0);
      sinceMs = performance.now();
    }
    yield pid;
  }
}

/** What a link in /proc says; empty when the process is gone. */
export function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

/** A file in /proc; empty when the process is gone. */
export function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
