/** Block devices by the names that administrators and udev give them. It only looks. */
import { majorMinor } from "../../core/os/abi.ts";

export interface BlockDevice {
  readonly path: string;
  /** `major:minor`, as the kernel lists mounts. */
  readonly number: string;
}

const TAG = /^(LABEL|UUID|PARTLABEL|PARTUUID)=(.*)$/;
/** Names that udev moves to another device when it finds a second one with the same mark. */
export const MOVING_LINK = "/dev/disk/by-";

/** Whether `device` has the form of a mark, a path, and no server's share. */
export function isDiskName(device: string): boolean {
  return TAG.test(device) || /^\/([^/]|$)/.test(device);
}

/** The file below /dev that a label or UUID stands for, as udev writes it; a path as it is. */
export function deviceNode(device: string): string {
  const [, kind, value = ""] = TAG.exec(device) ?? [];
  if (kind === undefined) return device;
  const name = value.replace(
    /[ -~]/g,
    (one) =>
      /[\w#+.:=@-]/.test(one) ? one : `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `${MOVING_LINK}${kind.toLowerCase()}/${name}`;
}

/** Undefined if there is none at this path. */
export async function blockDeviceAt(path: string): Promise<BlockDevice | undefined> {
  if (!path.startsWith("/")) return undefined;
  try {
    const { isBlockDevice, rdev } = await Deno.stat(path);
    if (isBlockDevice !== true || rdev === null) return undefined;
    return { path, number: majorMinor(rdev).join(":") };
  } catch {
    return undefined;
  }
}
