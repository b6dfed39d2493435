/** A daemon in which a defect comes up when the file `defect` appears in its root (daemon_test). */
import { runDaemon } from "../../core/runtime/daemon.ts";

const [root = ""] = Deno.args;
const POLL_MS = 20;

setInterval(() => {
  try {
    Deno.statSync(`${root}/defect`);
  } catch {
    return;
  }
  throw new TypeError("made for the test");
}, POLL_MS);

Deno.exit(
  await runDaemon({
    ...{ root, debugLevel: 0, realtime: false, manageResources: true },
    ...{ colour: false, foreground: true },
  }),
);
