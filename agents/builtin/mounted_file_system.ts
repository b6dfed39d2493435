/**
 * Which of the mounts at a mount point is the file system that a resource names. A stop that takes
 * it for another one leaves it mounted here while the peer mounts it, too; so a mount is "foreign"
 * only by proof, and one that is neither ours nor foreign is "unclear". It only looks: nothing is
 * mounted or unmounted here.
 */
import { join, relative } from "node:path/posix";
import { isWithin, type Mount, readMounts } from "../../core/os/mounts.ts";
import {
  type BlockDevice,
  blockDeviceAt,
  deviceNode,
  isDiskName,
  MOVING_LINK,
} from "./block_device.ts";
import type { FilesystemSpec } from "./filesystem_syntax.ts";

/** What is mounted at the mount point; `path` is that without symbolic links, as the kernel lists it. */
export type Seen =
  & { readonly path: string }
  & (
    | { readonly kind: "nothing" }
    | { readonly kind: "ours"; readonly mount: Mount }
    /** Ours, and `top` is mounted over it, so that nobody sees it. */
    | { readonly kind: "hidden"; readonly mount: Mount; readonly top: Mount }
    | { readonly kind: "foreign"; readonly top: Mount }
    /** Perhaps ours under another name. */
    | { readonly kind: "unclear"; readonly top: Mount }
  );

type Claim = "ours" | "foreign" | "unclear";

/** By which a mount that was made is known again, whatever its device is called later. */
export function noteOf({ device, root, source, mountpoint }: Mount): string {
  return JSON.stringify([device, root, source, mountpoint]);
}

/**
 * The block device that nobody may use any more when the resource is stopped; undefined for what is
 * on none, and for a directory, whose file system stays mounted elsewhere.
 * @param noted the {@link noteOf} what was mounted, which is surer than a name
 */
export async function deviceToFree(
  { device, options }: FilesystemSpec,
  noted: string | undefined,
): Promise<BlockDevice | undefined> {
  if (isBind(options)) return undefined;
  return await blockDeviceAt(sourceOf(noted) ?? "") ?? await blockDeviceAt(deviceNode(device));
}

/** What {@link noteOf} wrote, read again. */
function sourceOf(noted: string | undefined): string | undefined {
  try {
    const parts: unknown = JSON.parse(noted ?? "");
    return Array.isArray(parts) ? String(parts[2]) : undefined;
  } catch {
    return undefined;
  }
}

function isBind(options: string | undefined): boolean {
  return /(^|,)r?bind(,|$)/.test(options ?? "");
}

/** @param noted the {@link noteOf} what was mounted for this resource; absent if that is not known */
export async function lookAt(spec: FilesystemSpec, noted?: string): Promise<Seen> {
  const mounts = readMounts();
  const known = mounts.find((mount) => noteOf(mount) === noted);
  const path = known?.mountpoint ?? await realMountpoint(spec, mounts);
  const here = mounts.filter(({ mountpoint }) => mountpoint === path);
  const top = here.at(-1);
  if (top === undefined) return { kind: "nothing", path };
  const claims = await Promise.all(
    here.map((mount) => noteOf(mount) === noted ? "ours" : claimOf(spec, mount, mounts)),
  );
  const mount = here[claims.indexOf("ours")];
  if (mount === undefined) {
    return { kind: claims.includes("unclear") ? "unclear" : "foreign", top, path };
  }
  if (claims.at(-1) === "ours") return { kind: "ours", mount, path };
  return { kind: "hidden", mount, top, path };
}

/** What is listed already has no links, and is not touched: a dead file server may be behind it. */
async function realMountpoint(
  { mountpoint }: FilesystemSpec,
  mounts: readonly Mount[],
): Promise<string> {
  if (mounts.some((mount) => mount.mountpoint === mountpoint)) return mountpoint;
  return await realPath(mountpoint) ?? mountpoint;
}

async function claimOf(
  { device, options }: FilesystemSpec,
  mount: Mount,
  mounts: readonly Mount[],
): Promise<Claim> {
  if (isBind(options)) return await bindClaim(device, mount, mounts);
  if (withoutSlash(mount.source) === withoutSlash(device)) return "ours";
  const family = familyOf(device);
  if (family === "disk") {
    const claim = await diskClaim(device, mount);
    if (claim !== "unclear") return claim;
  }
  // Its own program names a FUSE file system, in words of its own.
  if (mount.type.startsWith("fuse")) return "unclear";
  // A plain name stays as it was given; servers and disks may have several names.
  return family !== familyOf(mount.source) || family === "name" ? "foreign" : "unclear";
}

async function diskClaim(device: string, mount: Mount): Promise<Claim> {
  const node = deviceNode(device);
  const number = (await blockDeviceAt(node))?.number;
  if (number === mount.device) return "ours";
  const path = await realPath(node);
  const isSame = path !== undefined &&
    (path === await realPath(mount.source) || path === await backingFile(mount.source));
  if (isSame) return "ours";
  // btrfs and the like have numbers of their own, which say nothing about the disk.
  const isPlain = number !== undefined && !mount.device.startsWith("0:");
  return isPlain && !node.startsWith(MOVING_LINK) ? "foreign" : "unclear";
}

/** A bind mount shows the file system that the directory is on, and where in it. */
async function bindClaim(
  directory: string,
  mount: Mount,
  mounts: readonly Mount[],
): Promise<Claim> {
  const path = await realPath(directory);
  if (path === undefined) return "unclear";
  // The longest mount point above it, and of several there the last.
  const below = mounts
    .filter(({ mountpoint }) => mountpoint !== mount.mountpoint && isWithin(path, mountpoint))
    .sort((one, other) => one.mountpoint.length - other.mountpoint.length)
    .at(-1);
  // The directory may have got a file system of its own since it was bound.
  if (below === undefined || below.device !== mount.device) return "unclear";
  const inside = relative(below.mountpoint, path);
  return join(below.root, inside) === mount.root ? "ours" : "foreign";
}

/** By the form of what mount(8) is given, which the kernel shows as the source. */
function familyOf(source: string): "disk" | "network" | "name" {
  if (isDiskName(source)) return "disk";
  return /^\/\/|:/.test(source) ? "network" : "name";
}

/** `server:/export/` and `server:/export` are one. */
function withoutSlash(source: string): string {
  return source.replace(/\/+$/, "");
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

/** Asynchronous, so that a dead file server cannot hold up the beat; undefined if nothing is there. */
async function realPath(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch {
    return undefined;
  }
}
