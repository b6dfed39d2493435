/**
 * A root directory with nothing in it but the C library, libgcc and one static shell: no Deno, no
 * Node, no python, no ip command. What runs in it needs nothing else.
 */
import { dirname, join } from "node:path";

/** What the executable is linked to, and what name look-ups of the C library load. */
const LIBRARIES = /^(?:\/lib64\/|\/lib\/|\/usr\/lib)/;
/** A static program that is the shell and the simplest commands. */
const BUSYBOX = "/usr/bin/busybox";
/** Commands that scripts of packages, init and tests call, beside the shell's own. */
const APPLETS = ["sh", "cat", "id", "touch", "rm", "sleep", "test", "echo"];

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

/**
 * Fills a directory as the root of a bare host on which `program` can run.
 * @param tools programs of this machine that the host has beside it
 */
export async function makeRoot(
  root: string,
  program: string,
  tools: readonly string[] = [],
): Promise<void> {
  for (const path of ["bin", "dev", "etc", "proc", "run", "sys", "tmp", "var/log"]) {
    Deno.mkdirSync(join(root, path), { recursive: true });
  }
  for (const one of [program, ...tools]) {
    for (const library of await librariesOf(one)) copy(library, root);
  }
  for (const tool of tools) copy(tool, root);
  Deno.copyFileSync(BUSYBOX, join(root, "bin/busybox"));
  for (const name of APPLETS) Deno.symlinkSync("busybox", join(root, "bin", name));
}

async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ldd", { args: [program] }).output();
  const named = [...new TextDecoder().decode(stdout).matchAll(/(?:=>\s*)?(\/\S+)\s+\(0x/g)];
  return named.map((hit) => hit[1] ?? "").filter((path) => LIBRARIES.test(path));
}

function copy(path: string, root: string): void {
  Deno.mkdirSync(join(root, dirname(path)), { recursive: true });
  Deno.copyFileSync(path, join(root, path));
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
