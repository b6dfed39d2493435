/**
 * What the executable costs beside a program that does nothing, made by the same `deno compile`: CPU
 * of a start, memory of the idle daemon with the article's files, and size. HB_IDLE_S makes the
 * daemon idle longer.
 *
 * Both files are read from the disk, as on a host that was booted: of one that was just written, the
 * kernel keeps pieces of other sizes and maps megabytes more or less of it, which costs time, too.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findBaseRuntime } from "../../.ci/denort.ts";
import { ARTICLE_TIMING } from "../lab/demo/timing.ts";
import { type HostName, HOSTS } from "../lab/demo/stage.ts";
import { MediaPair } from "../lab/media_pair.ts";
import { namespacePermission } from "../lab/namespaces.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/heartbeat", import.meta.url));
/** Resident memory varies little from run to run; what a start costs varies with the machine. */
const MOST_TIMES_MEMORY = 1.3;
const MOST_TIMES_CPU = 1.5;
const MOST_BYTES = 100e6;
const STARTS = 31;
const IDLE_MS = Number(Deno.env.get("HB_IDLE_S") ?? 20) * 1000;
/** Says that it runs, then waits, or with an argument ends at once. */
const EMPTY = "console.log(1); if (Deno.args.length === 0) await new Promise(() => " +
  "setInterval(() => {}, 1e9));";

const isThere = (await Deno.stat(PROGRAM).catch(() => null)) !== null;
if (!isThere) console.log(`skipped: ${PROGRAM} is not there; "deno task compile" makes it`);
const permission = await namespacePermission();
if (!permission.allowed) console.log(`skipped: the idle daemon: ${permission.reason}`);

interface Resident {
  readonly allMiB: number;
  readonly ownMiB: number;
  readonly fileMiB: number;
}

async function outputOf(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ out: string; err: string }> {
  const command = new Deno.Command(program, { args, env: { NO_COLOR: "1", ...env } });
  const { code, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, `${program} ${args.join(" ")}: ${err}`);
  return { out: out ?? "", err: err ?? "" };
}

/** Compiles the empty program and passes its path; both programs are on the disk only. */
async function withEmpty(test: (empty: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "hb-footprint-" });
  try {
    const [source, empty] = [join(directory, "empty.js"), join(directory, "empty")];
    Deno.writeTextFileSync(source, EMPTY);
    const { path } = await findBaseRuntime(Deno.build.arch);
    const options = ["--quiet", "--no-check", "--no-code-cache", "--no-config", "--no-lock"];
    const env: Record<string, string> = path === null ? {} : { DENORT_BIN: path };
    await outputOf(
      Deno.execPath(),
      ["compile", ...options, `--output=${empty}`, source],
      env,
    );
    for (const file of [PROGRAM, empty]) await forget(file);
    await test(empty);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Takes a file out of the page cache, as far as nobody has mapped it. */
async function forget(path: string): Promise<void> {
  await outputOf("sync", [path]);
  await outputOf("dd", [`if=${path}`, "iflag=nocache", "count=0", "status=none"]);
}

/** Parts of VmRSS in /proc/PID/status; memory shared with others is not used by either program. */
function residentOf(status: string): Resident {
  const mebibytes = (key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  return {
    allMiB: mebibytes("VmRSS"),
    ownMiB: mebibytes("RssAnon"),
    fileMiB: mebibytes("RssFile"),
  };
}

function told(title: string, { allMiB, ownMiB, fileMiB }: Resident): string {
  const [all, own, file] = [allMiB, ownMiB, fileMiB].map((value) => value.toFixed(1));
  return `${title}: ${all} MiB resident, ${own} of its own, ${file} of files`;
}

async function residentEmpty(empty: string): Promise<Resident> {
  await using child = new Deno.Command(empty, { stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  return residentOf(Deno.readTextFileSync(`/proc/${child.pid}/status`));
}

/** Both daemons of the article's pair, after some time without any event. */
async function residentDaemons(): Promise<[HostName, Resident][]> {
  const named = Deno.env.get("HB_BIN");
  Deno.env.set("HB_BIN", PROGRAM);
  try {
    await using pair = await MediaPair.boot(ARTICLE_TIMING);
    await pair.stage.sleep(IDLE_MS);
    const status = "cat /proc/$(tr -d ' ' </run/heartbeat.pid)/status";
    return await Promise.all(HOSTS.map(async (name): Promise<[HostName, Resident]> => {
      return [name, residentOf(await pair.stage.host(name).must(status))];
    }));
  } finally {
    if (named === undefined) Deno.env.delete("HB_BIN");
    else Deno.env.set("HB_BIN", named);
  }
}

/** User and system time of one run. */
async function cpuMs(program: string, argument: string): Promise<number> {
  const script = 'TIMEFORMAT="%U %S"; time "$0" "$1" >/dev/null';
  const { err } = await outputOf("bash", ["-c", script, program, argument], { LC_ALL: "C" });
  const [user = NaN, system = NaN] = err.trim().split(" ").map(Number);
  return (user + system) * 1000;
}

Deno.test({
  name: "the executable: a start takes less than 1.5 times the CPU of an empty program's",
  ignore: !isThere,
  fn: () =>
    withEmpty(async (empty) => {
      // By turns, and the least of each: what else the machine does can only add to it.
      let [ownMs, emptyMs] = [Infinity, Infinity];
      for (let round = 0; round < STARTS; round++) {
        ownMs = Math.min(ownMs, await cpuMs(PROGRAM, "--version"));
        emptyMs = Math.min(emptyMs, await cpuMs(empty, "end"));
      }
      console.log(`CPU of a start: ${ownMs.toFixed(0)} ms, empty ${emptyMs.toFixed(0)} ms`);
      assert.ok(ownMs < MOST_TIMES_CPU * emptyMs);
    }),
});

Deno.test({
  name: "the executable: smaller than 100 MB",
  ignore: !isThere,
  fn: () => assert.ok(Deno.statSync(PROGRAM).size < MOST_BYTES),
});

Deno.test({
  name: "the idle daemon: no more than 1.3 times the resident memory of an empty program",
  ignore: !isThere || !permission.allowed,
  fn: () =>
    withEmpty(async (empty) => {
      const least = await residentEmpty(empty);
      console.log(told("an empty program", least));
      for (const [name, resident] of await residentDaemons()) {
        console.log(told(`the daemon of ${name}`, resident));
        assert.ok(resident.allMiB <= MOST_TIMES_MEMORY * least.allMiB);
      }
    }),
});
