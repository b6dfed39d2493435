/**
 * A root directory with nothing in it but the C library, libgcc and one static shell: no Deno, no
 * Node, no python, no ip command. What runs in it needs nothing else.
 */
import { dirname, join } from "node:path";

/** What the executable is linked to, and what name look-ups of the C library load. */
const LIBRARIES = /^(?:\/lib64\/|\/lib\/|\/usr\/lib)/;
/** A static program that is the shell and the simplest commands. */
const BUSYBOX = "/usr/bin/busybox";
/** The one command whose words a script of the tests needs, beside the shell's own. */
const APPLETS = ["sh", "cat", "touch", "rm", "sleep", "test", "echo"];

/** @returns why no such root can be made on this host, or null */
export function whyNoChroot(): string | null {
  if (Deno.uid() !== 0) return "only root may chroot";
  try {
    Deno.statSync(BUSYBOX);
    return null;
  } catch {
    return `there is no ${BUSYBOX} (Debian: busybox-static)`;
  }
}

/** Fills a directory as the root of a bare host on which `program` can run. */
export async function makeRoot(root: string, program: string): Promise<void> {
  const directories = ["bin", "dev", "etc/ha.d/resource.d", "proc", "run", "sys", "tmp", "var/log"];
  for (const path of directories) Deno.mkdirSync(join(root, path), { recursive: true });
  const { stdout } = await new Deno.Command("ldd", { args: [program] }).output();
  const named = [...new TextDecoder().decode(stdout).matchAll(/(?:=>\s*)?(\/\S+)\s+\(0x/g)];
  for (const library of named.map((hit) => hit[1] ?? "")) {
    if (!LIBRARIES.test(library)) continue;
    Deno.mkdirSync(join(root, dirname(library)), { recursive: true });
    Deno.copyFileSync(library, join(root, library));
  }
  Deno.copyFileSync(BUSYBOX, join(root, "bin/busybox"));
  for (const name of APPLETS) Deno.symlinkSync("busybox", join(root, "bin", name));
}

/** All regular files below a root that are executable, as the root's own processes name them. */
export function executablesIn(root: string, directory = "/"): string[] {
  return [...Deno.readDirSync(join(root, directory))].flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory) return executablesIn(root, path);
    const isProgram = entry.isFile && ((Deno.statSync(join(root, path)).mode ?? 0) & 0o111) !== 0;
    return isProgram ? [path] : [];
  });
}
