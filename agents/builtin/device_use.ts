/**
 * Who uses a block device after it was unmounted. A container, or a service with mounts of its own,
 * may have a copy of the mount that the umount here did not reach, and would go on writing while the
 * peer mounts the device, too. The kernel says whether it is free; who has it is looked up only then.
 * Nobody is made to let go of it.
 *
 * Other mounts of the device do not count where they are meant: named in haresources or fstab.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseMountinfo } from "../../core/os/mounts.ts";
import { processName } from "../../core/os/proc.ts";
import {
  DEVICE_TRIAL_EXIT,
  DEVICE_TRIAL_SUBCOMMAND,
  ownEnvironment,
} from "../../core/os/this_program.ts";
import { messageOf } from "../../core/os/thrown.ts";
import type { AgentContext } from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { quotedLastLine } from "../last_line.ts";
import type { BlockDevice } from "./block_device.ts";
import { namedMountPoints } from "./named_mount_points.ts";
import { linkOf, pacedProcesses, textOf } from "./paced_processes.ts";

/** A device that does not answer for so long is called used. */
const TRIAL_LIMIT_MS = 10_000;
const MAX_NAMED_PROCESSES = 3;

/**
 * @param mountpoint of the resource, whose copies elsewhere always count
 * @returns who uses the device, in words; undefined when nobody does who counts
 */
export async function deviceUse(
  host: AgentHost,
  context: AgentContext,
  device: BlockDevice,
  mountpoint: string,
): Promise<string | undefined> {
  const trial = await tryDevice(host, context, device);
  if (trial === "free") return undefined;
  if (trial === "silent") return `it did not answer for ${TRIAL_LIMIT_MS / 1000} s`;
  const here = mountpointsIn("/proc/self/mountinfo", device);
  const named = await withRealPaths(namedMountPoints(host), here);
  named.delete(mountpoint);
  const isMeant = here.some((path) => named.has(path));
  const counts = (path: string) => !isMeant || !named.has(path);
  const users = [
    ...here.filter(counts).map((path) => `it is mounted on ${path}`),
    ...await usersElsewhere(device, counts),
  ];
  if (users.length > 0) return users.join("; ");
  if (isMeant) return undefined;
  const above = devicesAbove(device);
  if (above.length > 0) return `${above.join(", ")} is on top of it`;
  return "by swap, a mount that was detached while in use, or a namespace without a process";
}

/** Where all are listed already, no link has to be followed, which a dead file server may be behind. */
async function withRealPaths(paths: ReadonlySet<string>, listed: readonly string[]) {
  const all = new Set(paths);
  if (listed.every((path) => paths.has(path))) return all;
  for (const path of paths) all.add(await Deno.realPath(path).catch(() => path));
  return all;
}

async function tryDevice(
  host: AgentHost,
  context: AgentContext,
  { path }: BlockDevice,
): Promise<"free" | "used" | "silent"> {
  const [program, ...words] = host.thisProgram;
  const timer = new AbortController();
  const silent = delay(TRIAL_LIMIT_MS, "silent" as const, { signal: timer.signal });
  silent.catch(() => {});
  try {
    const args = [...words, DEVICE_TRIAL_SUBCOMMAND, path];
    const result = await Promise.race([context.run(program, args, ownEnvironment()), silent]);
    if (result === "silent") return result;
    // A trial that was ended with its call has found nothing out.
    context.signal.throwIfAborted();
    const { code, output } = result;
    if (code === DEVICE_TRIAL_EXIT.inUse) return "used";
    if (code !== DEVICE_TRIAL_EXIT.free) cannotTell(quotedLastLine(output));
  } catch (error) {
    context.signal.throwIfAborted();
    cannotTell(`: ${messageOf(error)}`);
  } finally {
    timer.abort();
  }
  return "free";

  function cannotTell(why: string): void {
    context.log("warn", `whether ${path} is still in use is not known${why}`);
  }
}

/** Every process of a namespace keeps its mounts, so it does not matter who wrote there. */
async function usersElsewhere(
  device: BlockDevice,
  counts: (path: string) => boolean,
): Promise<string[]> {
  const own = linkOf("/proc/self/ns/mnt");
  const namespaces = new Map<string, { paths: string[]; pids: number[] }>();
  for await (const pid of pacedProcesses()) {
    const link = linkOf(`/proc/${pid}/ns/mnt`);
    if (link === "" || link === own) continue;
    const known = namespaces.get(link);
    if (known !== undefined) known.pids.push(pid);
    else {
      const paths = mountpointsIn(`/proc/${pid}/mountinfo`, device).filter(counts);
      namespaces.set(link, { paths, pids: [pid] });
    }
  }
  return [...namespaces.values()].filter(({ paths }) => paths.length > 0)
    .map(({ paths, pids }) =>
      `${namesOf(pids)} in another mount namespace, on ${paths.join(", ")}`
    );
}

function namesOf(pids: readonly number[]): string {
  const names = pids.slice(0, MAX_NAMED_PROCESSES).map((pid) => `${processName(pid)} (${pid})`);
  const more = pids.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** By number and by name, since btrfs and the like have numbers of their own. */
function mountpointsIn(mountinfo: string, { path, number }: BlockDevice): string[] {
  return parseMountinfo(textOf(mountinfo))
    .filter(({ device, source }) => device === number || source === path)
    .map(({ mountpoint }) => mountpoint);
}

/** Such as `dm-3`, `md0`. */
function devicesAbove({ number }: BlockDevice): string[] {
  try {
    return Array.from(Deno.readDirSync(`/sys/dev/block/${number}/holders`), ({ name }) => name);
  } catch {
    return [];
  }
}
