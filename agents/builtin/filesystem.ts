/**
 * Filesystem: mounts a file system, and gets it unmounted again. Whether it is mounted is read from
 * the kernel's list alone, and a note of what start mounted tells which line of it is ours; a start
 * ends only when it is found there, and a stop fails while something is there that may be it.
 *
 * A stop must end, or the peer cannot take over; so what is mounted on it or below it is unmounted
 * first, and processes that keep it busy get TERM and, 3 s later, KILL, each of them named in the
 * log. It never kills process 1, heartbeat itself, or a process that only sees the same file system
 * elsewhere; it never unmounts lazily, because then both nodes could write. For the same reason a
 * stop fails while anybody on this host still uses the block device. It runs no fsck: journaling file
 * systems need none, the others are the administrator's to check.
 */
import { type Mount, readMounts, stackOn } from "../../core/os/mounts.ts";
import { processStat } from "../../core/os/proc.ts";
import { messageOf } from "../../core/os/thrown.ts";
import { type Agent, type AgentContext, CONTRACT_VERSION, type Status } from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { quotedLastLine } from "../last_line.ts";
import { Marker } from "../marker.ts";
import { needProgram, pause } from "../programs.ts";
import { deviceUse } from "./device_use.ts";
import { type FilesystemSpec, parseFilesystem } from "./filesystem_syntax.ts";
import { type Holder, mountHolders } from "./mount_holders.ts";
import { deviceToFree, lookAt, noteOf, type Seen } from "./mounted_file_system.ts";

/** Between two tries, unless all that held it are gone sooner. */
const RETRY_MS = 250;
const GONE_CHECK_MS = 2;
/** From the first TERM to the first KILL. */
const POLITE_MS = 3_000;
/** From the first TERM to the last try; a shorter deadline ends them sooner. */
const MAX_STOP_MS = 15_000;
/** How long a device may stay in use after the umount. */
const MAX_BUSY_MS = 10_000;
const BUSY_RETRY_MS = 500;

export function filesystemAgent(host: AgentHost): Agent {
  return {
    name: "Filesystem",
    contract: CONTRACT_VERSION,
    summary: "A mounted file system: disk, loop, tmpfs, bind, network",
    parameters: [
      { name: "device", required: true, doc: "Device, LABEL=, UUID=, server:/path or directory." },
      { name: "mountpoint", required: true, doc: "Directory, absolute; made if missing." },
      { name: "type", required: false, doc: "As behind mount -t; left out: found out by mount." },
      { name: "options", required: false, doc: "As behind mount -o." },
    ],
    validate: (args) => {
      const spec = parseFilesystem(args);
      return typeof spec === "string" ? spec : undefined;
    },
    start: async (context) => await start(callOf(host, context)),
    stop: async (context) => await stop(callOf(host, context)),
    status: async (context) => await status(callOf(host, context)),
  };
}

/** One call of the agent. */
interface Call {
  readonly host: AgentHost;
  readonly context: AgentContext;
  readonly spec: FilesystemSpec;
  /** What start mounted. */
  readonly note: Marker;
}

function callOf(host: AgentHost, context: AgentContext): Call {
  const spec = parseFilesystem(context.args);
  if (typeof spec === "string") throw new Error(spec);
  return { host, context, spec, note: new Marker(host, "Filesystem", context.args) };
}

async function start(call: Call): Promise<void> {
  const { host, context, spec: { device, mountpoint, type, options }, note } = call;
  let before = await look(call);
  if (before.kind === "nothing" && await makeMountpoint(call)) before = await look(call);
  if (before.kind === "ours") {
    attempt(() => note.set(noteOf(before.mount)));
    return context.log("info", `${device} is already on ${mountpoint}`);
  }
  if (before.kind !== "nothing") {
    const there = before.top.source;
    throw new Error(`cannot mount ${device} on ${mountpoint}: ${there} is mounted there`);
  }
  const args = [
    ...(type === undefined || type === "none" ? [] : ["-t", type]),
    ...(options === undefined ? [] : ["-o", options]),
    device,
    mountpoint,
  ];
  const mount = needProgram(host, "mount", "mount");
  const { code, output } = await context.run(mount, args);
  // Not the options, which may hold a password.
  const what = `${mount} of ${device} on ${mountpoint}`;
  // The first line says why; the last one only points to dmesg.
  const said = quotedLastLine(output.trimStart().split("\n")[0] ?? "");
  if (code !== 0) throw new Error(`exit code ${code} from ${what}${said}`);
  const made = readMounts().findLast((one) => one.mountpoint === before.path);
  if (made === undefined) throw new Error(`${what} ended well, but nothing is mounted there`);
  await remember(call, made);
}

/**
 * As the original does, so that a node that never mounted it can take over. Asynchronous, as all that
 * may touch a dead file server. @returns whether there was none
 */
async function makeMountpoint({ context, spec: { mountpoint } }: Call): Promise<boolean> {
  try {
    await Deno.stat(mountpoint);
    return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  try {
    await Deno.mkdir(mountpoint, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new Error(`cannot make the mount point ${mountpoint}: ${messageOf(error)}`);
  }
  context.log("info", `made the missing mount point ${mountpoint}`);
  return true;
}

/** What is not known again could never be stopped, so it does not stay. */
async function remember(call: Call, made: Mount): Promise<void> {
  const { host, context, spec: { device }, note } = call;
  let trouble = "it is gone again";
  try {
    note.set(noteOf(made));
  } catch (error) {
    trouble = messageOf(error);
  }
  if ((await look(call)).kind === "ours") return;
  await context.run(needProgram(host, "mount", "umount"), [made.mountpoint]);
  throw new Error(`"${made.source}" would not be known again as ${device}: ${trouble}`);
}

async function look({ spec, note }: Call): Promise<Seen> {
  return await lookAt(spec, attempt(() => note.text));
}

/** For the note, without which names decide. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}

async function status(call: Call): Promise<Status> {
  const { spec } = call;
  const seen = await look(call);
  switch (seen.kind) {
    case "ours":
      return "running";
    case "nothing":
    case "foreign":
      return await stoppedForSure(call, seen.path);
    case "hidden":
      throw new Error(`${seen.top.source} is mounted over ${spec.device} on ${spec.mountpoint}`);
    case "unclear":
      throw new Error(doubt(spec, seen.top));
    default: {
      const never: never = seen;
      return never;
    }
  }
}

/** A note that is left tells of a stop that has not ended well. */
async function stoppedForSure(call: Call, path: string): Promise<Status> {
  const { host, context, spec, note } = call;
  const noted = attempt(() => note.text);
  const device = noted === undefined ? undefined : await deviceToFree(spec, noted);
  const users = device && await deviceUse(host, context, device, path);
  if (users !== undefined) throw new Error(stillUsed(spec, users));
  return "stopped";
}

async function stop(call: Call): Promise<void> {
  const { host, context, spec, note } = call;
  const { device, mountpoint } = spec;
  const umount = needProgram(host, "mount", "umount");
  const begunMs = performance.now();
  let seen = await look(call);
  const mounted = isHere(seen) ? seen.mount : undefined;
  // Of one that was mounted by hand, a stop that fails must be known, too.
  if (mounted !== undefined) attempt(() => note.set(noteOf(mounted)));
  const noted = attempt(() => note.text);
  while (isHere(seen)) {
    const refusal = await unmountAll(context, umount, seen.mount);
    seen = await look(call);
    if (!isHere(seen)) break;
    const triedMs = performance.now() - begunMs;
    const holders = refusal === undefined ? [] : await mountHolders(seen.path);
    if (triedMs > MAX_STOP_MS) {
      const why = refusal === undefined
        ? ": it is still mounted after a umount that ended well"
        : `${refusal}; kept busy by ${namesOf(holders)}`;
      throw new Error(`cannot unmount ${mountpoint}${why}`);
    }
    signal(context, holders, seen.path, triedMs > POLITE_MS ? "SIGKILL" : "SIGTERM");
    await pauseWhile(context, holders);
  }
  if (seen.kind === "unclear") throw new Error(doubt(spec, seen.top));
  await setFree(call, noted, seen.path);
  if (seen.kind === "foreign") {
    context.log("warn", `${seen.top.source} is on ${mountpoint}, not ${device}: left`);
  }
  attempt(() => note.clear());
}

/** Not stopped before nobody uses the device any more, in whatever mount namespace. */
async function setFree(call: Call, noted: string | undefined, path: string): Promise<void> {
  const { host, context, spec } = call;
  const device = await deviceToFree(spec, noted);
  if (device === undefined) return;
  const begunMs = performance.now();
  for (;;) {
    const users = await deviceUse(host, context, device, path);
    if (users === undefined) return;
    if (performance.now() - begunMs > MAX_BUSY_MS) throw new Error(stillUsed(spec, users));
    await pause(context, BUSY_RETRY_MS);
  }
}

function stillUsed({ device, mountpoint }: FilesystemSpec, users: string): string {
  return `${mountpoint} is unmounted, but ${device} is still in use: ${users}`;
}

function isHere(seen: Seen): seen is Extract<Seen, { readonly mount: Mount }> {
  return seen.kind === "ours" || seen.kind === "hidden";
}

/** Nothing is unmounted on a guess, and nothing that may be ours is called stopped. */
function doubt({ device, mountpoint }: FilesystemSpec, { source, type }: Mount): string {
  return `"${source}" (${type}) is on ${mountpoint}, and nothing proves that it is not ${device}: ` +
    `it may still run here; if it is to go, umount ${mountpoint}`;
}

/** What was mounted on it, last first, then itself. @returns what umount said to the first refusal */
async function unmountAll(
  context: AgentContext,
  umount: string,
  mount: Mount,
): Promise<string | undefined> {
  for (const { mountpoint } of stackOn(mount, readMounts())) {
    const { code, output } = await context.run(umount, [mountpoint]);
    if (code !== 0) return quotedLastLine(output);
  }
  return undefined;
}

function signal(
  context: AgentContext,
  holders: readonly Holder[],
  mountpoint: string,
  signal: "SIGTERM" | "SIGKILL",
): void {
  for (const { pid, name } of holders) {
    context.log("warn", `${name} (${pid}) uses ${mountpoint}: ${signal}`);
    try {
      Deno.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        context.log("warn", `${signal} to ${name} (${pid}): ${error}`);
      }
    }
  }
}

function namesOf(holders: readonly Holder[]): string {
  if (holders.length > 0) return holders.map(({ pid, name }) => `${name} (${pid})`).join(", ");
  return "no process: a loop device, swap file, NFS export or another namespace may hold it";
}

/**
 * Until the next try, which comes as soon as the last holder is gone: who opens a file there every
 * 0.1 s would else always be faster.
 */
async function pauseWhile(context: AgentContext, holders: readonly Holder[]): Promise<void> {
  const endMs = performance.now() + RETRY_MS;
  while (performance.now() < endMs) {
    await pause(context, holders.length === 0 ? RETRY_MS : GONE_CHECK_MS);
    if (holders.every(({ pid }) => processStat(pid) === undefined)) return;
  }
}
