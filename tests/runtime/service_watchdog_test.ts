/** The notices to a service manager that watches: only when asked, often enough, and to an end. */
import assert from "node:assert/strict";
import { eventually } from "../eventually.ts";
import { NotifySocket } from "../notify_socket.ts";

const MODULES = new URL("../../core/", import.meta.url).href;
/** Of the child when its life is over. */
const LAST_WORDS = "STOPPING=1";

interface Notice {
  readonly text: string;
  readonly atMs: number;
}

/**
 * What a manager's socket gets from a process of its own, up to its last words: the place of the
 * socket stands in the environment, which all tests of one run share.
 */
async function noticesOf(
  livesMs: number,
  environment: Readonly<Record<string, string>>,
): Promise<Notice[]> {
  const directory = await Deno.makeTempDir({ prefix: "hb-notify-" });
  const manager = new NotifySocket(`${directory}/socket`);
  const notices: Notice[] = [];
  const take = () => {
    for (const text of manager.take()) notices.push({ text, atMs: performance.now() });
    return notices.at(-1)?.text === LAST_WORDS;
  };
  const script = `
    import { keepServiceWatchdog } from "${MODULES}runtime/service_watchdog.ts";
    import { sdNotify } from "${MODULES}os/sd_notify.ts";
    const stop = keepServiceWatchdog();
    setTimeout(() => (stop(), setTimeout(() => sdNotify("${LAST_WORDS}"), 300)), ${livesMs});
  `;
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", script],
      env: { NOTIFY_SOCKET: manager.path, ...environment },
      stdin: "null",
    }).spawn();
    let isOver = false;
    const over = child.status.finally(() => isOver = true);
    try {
      await eventually("the last words", take);
      // Unless its notices go on for ever.
      await eventually("its end", () => isOver);
    } finally {
      if (!isOver) child.kill("SIGKILL");
      await over;
    }
  } finally {
    manager[Symbol.dispose]();
    await Deno.remove(directory, { recursive: true });
  }
  return notices.slice(0, -1);
}

Deno.test("service watchdog: three notices in each period that the manager asks for", async () => {
  const periodMs = 900;
  const notices = await noticesOf(4_000, { WATCHDOG_USEC: String(periodMs * 1000) });
  assert.deepEqual([...new Set(notices.map(({ text }) => text))], ["WATCHDOG=1"]);
  assert.ok(notices.length >= 3, String(notices.length));
  const spanMs = (notices.at(-1)?.atMs ?? 0) - (notices[0]?.atMs ?? 0);
  const eachMs = spanMs / (notices.length - 1);
  // One a period would be too few; on a busy machine three are a little more than a third apart.
  assert.ok(eachMs > periodMs / 5 && eachMs < 2 * periodMs / 3, `${eachMs} ms`);
});

Deno.test("service watchdog: silent when nobody asked, or another process was asked", async () => {
  assert.deepEqual(await noticesOf(200, {}), []);
  const other = { WATCHDOG_USEC: "30000", WATCHDOG_PID: String(Deno.pid) };
  assert.deepEqual(await noticesOf(200, other), []);
});
