/**
 * Finds out whether this machine lets us make the namespaces that lab hosts live in: as root
 * directly, else as an ordinary user inside a user namespace, where the kernel permits it. It only
 * asks; the lab does the making.
 */

export type Privilege = "root" | "user";

export type Permission =
  | { readonly allowed: true; readonly privilege: Privilege }
  | { readonly allowed: false; readonly reason: string };

/** Words of `unshare` that give a process the namespaces of a host. */
export const HOST_NAMESPACES = ["--net", "--uts", "--mount", "--pid", "--fork", "--mount-proc"];

const PROBE = "mount -t tmpfs tmpfs /run && hostname probe && " +
  "ip link add name probe0 type bridge && ip link add name probe1 type veth peer name probe2";

/** Makes every kind of namespace, mount and interface once, in a process that ends at once. */
export async function namespacePermission(): Promise<Permission> {
  if (Deno.build.os !== "linux") return { allowed: false, reason: "the host is not Linux" };
  const privilege = Deno.uid() === 0 ? "root" : "user";
  try {
    const probe = await new Deno.Command("unshare", {
      args: [...userNamespace(privilege), ...HOST_NAMESPACES, "sh", "-c", PROBE],
      stdin: "null",
    }).output();
    if (probe.success) return { allowed: true, privilege };
    const said = new TextDecoder().decode(probe.stderr).trim().split("\n")[0];
    return { allowed: false, reason: `the kernel or the container refuses them (${said})` };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { allowed: false, reason: "the program 'unshare' (util-linux) is not installed" };
  }
}

/** What `unshare` needs in front of the other namespaces to become root inside. */
export function userNamespace(privilege: Privilege): readonly string[] {
  return privilege === "user" ? ["--user", "--map-root-user"] : [];
}
