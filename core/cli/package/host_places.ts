/** Where a host keeps what distributions keep in different places. It looks and touches nothing. */
import { join } from "node:path";

export interface HostPlaces {
  /** Directory of init scripts. */
  readonly initDir: string;
  /** A directory in which the host's zsh looks for completions. */
  readonly zshDir: string;
}

/** The first that exists is used, the last if none does. */
const INIT_DIRS = ["/etc/rc.d/init.d", "/etc/init.d"];
/** Debian's zsh looks into the first, which is there with any package that brings completions. */
const ZSH_DIRS = ["/usr/share/zsh/vendor-completions", "/usr/share/zsh/site-functions"];

/** @param root directory that stands for `/`; what is returned is as the host names it */
export function hostPlaces(root: string): HostPlaces {
  const first = (paths: readonly string[]) =>
    paths.find((path) => isDirectory(join(root, path))) ?? paths.at(-1) ?? "/";
  return { initDir: first(INIT_DIRS), zshDir: first(ZSH_DIRS) };
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
