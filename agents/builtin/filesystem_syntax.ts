/** The arguments of Filesystem: `device::mountpoint[::type[::options]]`. Pure. */

export interface FilesystemSpec {
  /** `/dev/sdb1`, `LABEL=data`, `server:/export`, a directory for a bind mount, any word for tmpfs. */
  readonly device: string;
  /** Without a slash at the end. */
  readonly mountpoint: string;
  readonly type?: string;
  /** As behind `mount -o`. */
  readonly options?: string;
}

const SYNTAX = "Filesystem::/dev/sdb1::/srv/data[::ext4[::options]]";

/** @returns a sentence that says what is wrong, for bad arguments */
export function parseFilesystem(args: readonly string[]): FilesystemSpec | string {
  const [device = "", directory = "", type = "", options = "", ...more] = args;
  if (device === "" || directory === "") {
    return `Filesystem needs a device and a mount point; wanted ${SYNTAX}`;
  }
  if (more.length > 0) return `"${more.join("::")}" is too much; wanted ${SYNTAX}`;
  const mountpoint = directory.replace(/\/+$/, "");
  if (!directory.startsWith("/") || mountpoint === "" || /\/\.{0,2}(\/|$)/.test(mountpoint)) {
    return `the mount point "${directory}" is not a plain absolute path below /; wanted ${SYNTAX}`;
  }
  return {
    device: device.replace(/^-L\s*/, "LABEL=").replace(/^-U\s*/, "UUID="),
    mountpoint,
    ...(type === "" ? {} : { type }),
    ...(options === "" ? {} : { options }),
  };
}
