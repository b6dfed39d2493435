/**
 * What is mounted where, as this process sees it (`/proc/self/mountinfo`). Reading it never touches
 * a mounted file system, so that a dead NFS server cannot hang the reader.
 */

export interface Mount {
  /** Of this mount, as long as it lasts. */
  readonly id: number;
  /** The mount on which it was mounted. */
  readonly parentId: number;
  /** `major:minor` of the file system; the same for all its mounts. */
  readonly device: string;
  /** Which directory of the file system is mounted: `/` but for bind mounts. */
  readonly root: string;
  readonly mountpoint: string;
  readonly type: string;
  /** As given to mount: `/dev/sdb1`, `server:/export`, `tmpfs`. */
  readonly source: string;
}

/** All mounts, in the order in which they were made. @throws Deno.errors */
export function readMounts(): Mount[] {
  return parseMountinfo(Deno.readTextFileSync("/proc/self/mountinfo"));
}

/** Lines as proc(5) describes them; pure. */
export function parseMountinfo(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [left = "", right] = line.split(" - ");
    if (right === undefined) return [];
    const [id, parentId, device = "", root = "", mountpoint = ""] = left.split(" ").map(unescaped);
    const [type = "", source = ""] = right.split(" ").map(unescaped);
    return [{ id: Number(id), parentId: Number(parentId), device, root, mountpoint, type, source }];
  });
}

/** What was mounted on a mount, the last first, then the mount itself: the order of unmounting. */
export function stackOn(mount: Mount, mounts: readonly Mount[]): Mount[] {
  const children = mounts.filter(({ parentId }) => parentId === mount.id);
  return [...children.reverse().flatMap((child) => stackOn(child, mounts)), mount];
}

/** Blanks and the like stand as `\040`, byte by byte. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
}

/** Whether `path` is `directory` or lies below it; both without a slash at the end. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}
