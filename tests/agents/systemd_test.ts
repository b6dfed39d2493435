/**
 * systemd units. systemd is not process 1 where these tests run, so its systemctl and journalctl
 * are stand-ins that answer from files; what is proved is how their answers are judged.
 */
import assert from "node:assert/strict";
import { endText, parseShow, settledState } from "../../agents/systemd/unit_state.ts";
import { AgentBench } from "./bench.ts";

/** Answers each `show` with the next line of states, the last one for ever. */
const SYSTEMCTL = `
echo "$*" >> ROOT/calls
case $1 in
show) state=$(head -n 1 ROOT/states)
  [ "$(wc -l < ROOT/states)" -gt 1 ] && sed -i 1d ROOT/states
  echo "$state" | tr ' ' '\\n' ;;
*) cat ROOT/after.$1 > ROOT/states 2>/dev/null
  cat ROOT/said.$1 2>/dev/null; exit $(cat ROOT/code.$1 2>/dev/null || echo 0) ;;
esac`;

const LOADED = "LoadState=loaded Result=success ExecMainCode=0 ExecMainStatus=0";
const ACTIVE = `${LOADED} ActiveState=active SubState=running`;
const INACTIVE = `${LOADED} ActiveState=inactive SubState=dead`;
const STARTING = `${LOADED} ActiveState=activating SubState=start`;
const FAILED = "LoadState=loaded Result=exit-code ExecMainCode=1 ExecMainStatus=203 " +
  "ActiveState=failed SubState=failed";

class Bench extends AgentBench {
  constructor(files: Record<string, string> = {}) {
    super({ programDirs: ["ROOT/bin"], unitDirs: ["ROOT/units"], systemdRunDir: "ROOT/systemd" });
    Deno.mkdirSync(`${this.root}/systemd`);
    this.script("units/web.service", "");
    this.script("bin/systemctl", SYSTEMCTL.replaceAll("ROOT", this.root));
    this.script("bin/journalctl", "echo 'cannot bind port 80'; echo 'giving up'");
    for (const [name, text] of Object.entries(files)) {
      Deno.writeTextFileSync(`${this.root}/${name}`, `${text}\n`);
    }
  }
}

Deno.test("systemd: start waits for active, stop for inactive; twice each", async () => {
  await using bench = new Bench({
    "states": INACTIVE,
    "after.start": `${STARTING}\n${STARTING}\n${ACTIVE}`,
    "after.stop": `${LOADED} ActiveState=deactivating SubState=stop-sigterm\n${INACTIVE}`,
  });
  await bench.lives("web.service");
  await bench.lives("web");
  const calls = bench.read("calls").split("\n");
  assert.ok(calls.includes("start web.service") && calls.includes("stop web.service"));
});

Deno.test("systemd: a start that fails says what systemd and the journal know", async () => {
  await using bench = new Bench({
    "states": INACTIVE,
    "after.start": FAILED,
    "code.start": "1",
    "said.start": "Job for web.service failed because the control process exited.",
  });
  assert.equal(
    await bench.call("web.service", "start"),
    "failed: web.service is failed: exit-code (exit code 203); systemctl " +
      "start: Job for web.service failed because the control process exited.; its journal ends: " +
      "cannot bind port 80 | giving up",
  );
  await bench.expect("web.service", "status stopped");
});

Deno.test("systemd: a unit that never settles ends at the deadline", async () => {
  await using bench = new Bench({ "states": STARTING, "after.start": STARTING });
  assert.match(await bench.call("web.service", "start", 700), /^timeout: .*within 700 ms/);
});

Deno.test("systemd: a stop after which the unit runs has failed", async () => {
  await using bench = new Bench({ "states": ACTIVE, "after.stop": ACTIVE });
  assert.match(await bench.call("web.service", "stop"), /web\.service is still active \(running\)/);
});

Deno.test("systemd: a unit that also starts at boot is warned of", async () => {
  await using bench = new Bench({
    "states": `${INACTIVE} UnitFileState=enabled`,
    "after.start": ACTIVE,
  });
  await bench.expect("web.service", "start ok");
  assert.match(bench.log.join("\n"), /warn: .*also starts at boot.*systemctl disable web\.service/);
});

Deno.test("systemd: arguments, a masked unit, no systemd: each says so", async () => {
  await using bench = new Bench({ "states": "LoadState=masked ActiveState=inactive" });
  assert.match(await bench.call("web.service::x", "start"), /takes no arguments.*OCF::web::…/);
  assert.match(await bench.call("web.service", "start"), /its load state is "masked"/);
  Deno.removeSync(`${bench.root}/systemd`);
  assert.match(await bench.call("web.service", "start"), /^missing: .*systemd is not process 1/);
  assert.match(await bench.call("nosuch.service", "start"), /^missing: .*unit nosuch\.service/);
});

Deno.test("unit state: reloading runs, failed does not, anything on its way is neither", () => {
  const of = (active: string) =>
    settledState(parseShow("x", `LoadState=loaded\nActiveState=${active}`));
  assert.deepEqual(
    ["active", "reloading", "refreshing", "inactive", "failed", "activating", "deactivating"]
      .map(of),
    ["running", "running", "running", "stopped", "stopped", undefined, undefined],
  );
  const killed = FAILED.replace("Code=1", "Code=2").replace("203", "9").replaceAll(" ", "\n");
  assert.equal(endText(parseShow("x", killed)), "is failed: exit-code (signal 9)");
});
