/**
 * Hostile plugins in a running pair that beats every 100 ms: whatever they do, the peer hears every
 * beat in time, the other groups run, and the log names each misdeed.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { MAIN_COMMAND } from "../program.ts";
import type { Host } from "./host.ts";
import { Lab } from "./lab.ts";
import { eventually, labTest } from "./lab_case.ts";
import { twoHosts } from "./two_hosts.ts";

const PLUGINS = fileURLToPath(new URL("../runtime/plugins", import.meta.url));
const PLUGIN_FILES = ["hostile.ts", "good.ts", "lib/words.ts"];
const HEARTBEAT = MAIN_COMMAND.map((word) => `"${word}"`).join(" ");
const STARTED = "/var/tmp/good";
/** Long enough for a new plugin host and its misdeed, on a busy machine too. */
const DEADLINE_S = 15;
/**
 * A plugin in the way of the beat would hold it up for its whole deadline; what the host of a
 * virtual machine takes away is less than `warntime`.
 */
const HA_CF = `
keepalive 100ms
warntime 1
deadtime 4
initdead 20
logfile /var/log/ha-log
bcast eth0
auto_failback on
node ha1 ha2
`;

/** What ha1 tries to start, and what its log says of it. */
const MISDEEDS: readonly (readonly [how: string, named: RegExp])[] = [
  ["loop", /hostile::loop: not done within 15000 ms; plugin \S+ did not end .* was killed/],
  ["exit", /hostile::exit: plugin \S+ called process.exit\(3\)/],
  ["unhandled", /hostile::unhandled: plugin \S+ left a rejection unhandled: nobody looks/],
  ["memory", /hostile::memory: Array buffer allocation failed/],
  ["ffi", /hostile::ffi: plugin \S+ crashed its host \(SIGSEGV\)/],
  ["print", /hostile: \d+ lines were too many a second and are lost/],
];

async function pair(lab: Lab, haresources: string): Promise<readonly [Host, Host]> {
  const more = (host: Host) => {
    const deadlines = ["start_s", "stop_s", "status_s"].map((key) => `${key} = ${DEADLINE_S}\n`);
    host.write("/etc/ha.d/heartbeat.toml", `[deadlines]\n${deadlines.join("")}`);
    for (const file of PLUGIN_FILES) {
      host.write(`/etc/ha.d/resource.d/${file}`, Deno.readTextFileSync(`${PLUGINS}/${file}`));
    }
  };
  const hosts = await twoHosts(lab, { haCf: HA_CF, haresources, more });
  await Promise.all(hosts.map((host) => host.must(`${HEARTBEAT} start`)));
  return hosts;
}

function logOf(host: Host): Promise<string> {
  return host.must("cat /var/log/ha-log");
}

async function runsGood(host: Host): Promise<boolean> {
  return (await host.run(`test -e ${STARTED}`)).code === 0;
}

/** The plugin's own output would hide what else was said. */
function withoutFlood(log: string): string {
  return log.split("\n").filter((line) => !line.includes("a line of a flood")).join("\n");
}

function lateBeats(log: string): readonly string[] {
  return log.split("\n").filter((line) => line.includes("Late heartbeat"));
}

labTest("hostile plugins at keepalive 100 ms: no late beat, each misdeed named", async () => {
  await using lab = await Lab.open();
  const groups = MISDEEDS.map(([how]) => `ha1 hostile::${how}\n`).join("");
  const [ha1, ha2] = await pair(lab, `ha1 good::${STARTED}\n${groups}`);
  for (const [how, named] of MISDEEDS) {
    await eventually(`${how} is named`, async () => named.test(await logOf(ha1)))
      .catch(async (error) => assert.fail(`${error}\n${withoutFlood(await logOf(ha1))}`));
  }
  await eventually("the good one runs", () => runsGood(ha1));
  for (const host of [ha1, ha2]) assert.deepEqual(lateBeats(await logOf(host)), []);
});

labTest(
  "a plugin that never stops: the stop is named, and the peer hears every beat",
  async () => {
    await using lab = await Lab.open();
    const [ha1, ha2] = await pair(lab, `ha1 good::${STARTED} hostile::never-stop\n`);
    await eventually("ha1 runs the group", () => runsGood(ha1));
    // It is tried again for a while, which need not be waited for.
    await ha1.must(`${HEARTBEAT} stop >/dev/null 2>&1 &`);
    const named =
      /Stop of hostile::never-stop did not succeed: not done within 15000 ms; plugin \S+ did not end/;
    await eventually("the stop is given up", async () => named.test(await logOf(ha1)));
    assert.deepEqual(lateBeats(await logOf(ha2)), [], await logOf(ha1));
  },
);
