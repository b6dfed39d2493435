/**
 * Filesystem: mounts a file system, and gets it unmounted again. Whether it is mounted is read from
 * the kernel's list alone. A stop must end, or the peer cannot take over; so what is mounted below
 * it is unmounted first, and processes that keep it busy get TERM and, 3 s later, KILL, each of them
 * named in the log. It never kills process 1, heartbeat itself, or a process that only sees the same
 * file system elsewhere; it never unmounts lazily, because then both nodes could write. It runs no
 * fsck: journaling file systems need none, the others are the administrator's to check.
 */
import { isWithin, type Mount, readMounts } from "../../core/os/mounts.ts";
import { type Agent, type AgentContext, CONTRACT_VERSION } from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { quotedLastLine } from "../last_line.ts";
import { needProgram, pause } from "../programs.ts";
import { type FilesystemSpec, parseFilesystem } from "./filesystem_syntax.ts";
import { mountHolders } from "./mount_holders.ts";

const RETRY_MS = 250;
/** Tries until KILL follows TERM. */
const POLITE_TRIES = 12;
/** Tries in all; a shorter deadline ends them sooner. */
const MAX_TRIES = 60;

export function filesystemAgent(host: AgentHost): Agent {
  return {
    name: "Filesystem",
    contract: CONTRACT_VERSION,
    summary: "A mounted file system: disk, loop, tmpfs, bind, network",
    parameters: [
      { name: "device", required: true, doc: "Device, LABEL=, UUID=, server:/path or directory." },
      { name: "mountpoint", required: true, doc: "Existing directory, absolute." },
      { name: "type", required: false, doc: "As behind mount -t; left out: found out by mount." },
      { name: "options", required: false, doc: "As behind mount -o." },
    ],
    validate: (args) => {
      const spec = parseFilesystem(args);
      return typeof spec === "string" ? spec : undefined;
    },
    start: async (context) => await start(host, context, specOf(context)),
    stop: async (context) => await stop(host, context, specOf(context)),
    status: async (context) => (await mounted(specOf(context))) ? "running" : "stopped",
  };
}

function specOf({ args }: AgentContext): FilesystemSpec {
  const spec = parseFilesystem(args);
  if (typeof spec === "string") throw new Error(spec);
  return spec;
}

async function start(host: AgentHost, context: AgentContext, spec: FilesystemSpec): Promise<void> {
  const { device, mountpoint, type, options } = spec;
  if (await mounted(spec)) return context.log("info", `${device} is already on ${mountpoint}`);
  const other = topMount(mountpoint);
  if (other !== undefined) {
    throw new Error(`cannot mount ${device} on ${mountpoint}: ${other.source} is mounted there`);
  }
  const args = [
    ...(type === undefined || type === "none" ? [] : ["-t", type]),
    ...(options === undefined ? [] : ["-o", options]),
    device,
    mountpoint,
  ];
  const mount = needProgram(host, "mount", "mount");
  const { code, output } = await context.run(mount, args);
  // The first line says why; the last one only points to dmesg.
  const said = quotedLastLine(output.trimStart().split("\n")[0] ?? "");
  if (code !== 0) throw new Error(`exit code ${code} from ${[mount, ...args].join(" ")}${said}`);
}

async function stop(host: AgentHost, context: AgentContext, spec: FilesystemSpec): Promise<void> {
  const { mountpoint } = spec;
  const umount = needProgram(host, "mount", "umount");
  if (!(await mounted(spec))) {
    const other = topMount(mountpoint);
    if (other === undefined) return;
    return context.log("warn", `${other.source} is on ${mountpoint}, not ${spec.device}: left`);
  }
  for (let tries = 1;; tries++) {
    const refusal = await unmountAll(context, umount, mountpoint);
    if (!(await mounted(spec))) return;
    const why = refusal === undefined
      ? ": it is still mounted after a umount that ended well"
      : `${refusal}; kept busy by ${await endHolders(context, mountpoint, tries > POLITE_TRIES)}`;
    if (tries === MAX_TRIES) throw new Error(`cannot unmount ${mountpoint}${why}`);
    await pause(context, RETRY_MS);
  }
}

/** What lies below it, last first, then itself. @returns what umount said to the first refusal */
async function unmountAll(
  context: AgentContext,
  umount: string,
  mountpoint: string,
): Promise<string | undefined> {
  const inside = readMounts().map((mount) => mount.mountpoint)
    .filter((path) => path !== mountpoint && isWithin(path, mountpoint));
  for (const path of [...inside.reverse(), mountpoint]) {
    const { code, output } = await context.run(umount, [path]);
    if (code !== 0) return quotedLastLine(output);
  }
  return undefined;
}

/** @returns who was there, for the error */
async function endHolders(
  context: AgentContext,
  mountpoint: string,
  kill: boolean,
): Promise<string> {
  const holders = await mountHolders(mountpoint);
  const signal = kill ? "SIGKILL" : "SIGTERM";
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
  if (holders.length > 0) return holders.map(({ pid, name }) => `${name} (${pid})`).join(", ");
  return "no process: a loop device, swap file, NFS export or another namespace may hold it";
}

/** What is seen at the mount point: the last of what was mounted there. */
function topMount(mountpoint: string): Mount | undefined {
  return readMounts().findLast((mount) => mount.mountpoint === mountpoint);
}

/** Whether the top of what is mounted there is our device. */
async function mounted({ device, mountpoint, options }: FilesystemSpec): Promise<boolean> {
  const top = topMount(mountpoint);
  if (top === undefined) return false;
  if (/(^|,)r?bind(,|$)/.test(options ?? "")) return await isBind(device, top);
  if (top.source === device) return true;
  const path = await realPath(deviceNode(device));
  return path === await realPath(top.source) || path === await backingFile(top.source);
}

/** A bind mount shows the file system that the directory is on, and where in it. */
async function isBind(directory: string, top: Mount): Promise<boolean> {
  const path = await realPath(directory);
  const below = readMounts().filter((mount) =>
    mount.mountpoint !== top.mountpoint && isWithin(path, mount.mountpoint)
  ).reduce<Mount | undefined>(
    (best, mount) =>
      best === undefined || mount.mountpoint.length >= best.mountpoint.length ? mount : best,
    undefined,
  );
  if (below === undefined || below.device !== top.device) return false;
  const inside = path.slice(below.mountpoint === "/" ? 0 : below.mountpoint.length);
  return (below.root === "/" ? "" : below.root) + inside === top.root ||
    (inside === "" && below.root === top.root);
}

/** The file below /dev that a label or UUID stands for. */
function deviceNode(device: string): string {
  const [, kind, value] = /^(LABEL|UUID|PARTLABEL|PARTUUID)=(.*)$/.exec(device) ?? [];
  return kind === undefined ? device : `/dev/disk/by-${kind.toLowerCase()}/${value}`;
}

/** The file behind `/dev/loop0`; empty for anything else. */
async function backingFile(source: string): Promise<string> {
  const [, loop] = /^\/dev\/(loop\d+)$/.exec(source) ?? [];
  if (loop === undefined) return "";
  try {
    return (await Deno.readTextFile(`/sys/block/${loop}/loop/backing_file`)).trim();
  } catch {
    return "";
  }
}

/** Asynchronous, so that a dead file server cannot hold up the beat; the word itself if no file. */
async function realPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch {
    return path;
  }
}
