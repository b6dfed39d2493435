/**
 * The two package managers, on the root directory of a bare host: the real rpm and dpkg with a fresh
 * database there, scripts included. They belong to this machine, for the host has none of its own.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  DEBIAN_HOST,
  makeDeb,
  makeRpm,
  type Recipe,
  RPM_HOST,
  type Tree,
} from "../../.ci/package_recipes.ts";
import manifest from "../../package.json" with { type: "json" };

const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const DEBIAN_ARCHITECTURE = Deno.build.arch === "x86_64" ? "amd64" : "arm64";
/** The packages that a bare root's libraries come from. */
const DEBIAN_BASE = ["libc6", "libgcc-s1"];

export interface PackageManager {
  /** The package that `deno task package` made. */
  readonly file: string;
  /** What hosts of this kind have. */
  readonly directories: readonly string[];
  /** Where they keep init scripts. */
  readonly initDir: string;
  /** Where it keeps scripts of packages, which nobody else runs; null when not in files. */
  readonly scripts: string | null;
  /** Ending of the file with a package's new default, beside one that the administrator changed. */
  readonly newDefault: string;
  readonly make: (tree: Tree, recipe: Recipe) => Promise<string>;
  /** Lays a fresh database below a root. */
  prepare(root: string): Promise<void>;
  /** @returns the shell command that installs a package file, once more if it is there already */
  install(root: string, file: string): string;
  /** @returns the shell command that removes the package */
  remove(root: string): string;
}

const RPM_OPTIONS = "--dbpath /var/lib/rpm";

export const RPM: PackageManager = {
  file: join(DIST, `heartbeat-${manifest.version}-1.${Deno.build.arch}.rpm`),
  directories: RPM_HOST,
  initDir: "/etc/rc.d/init.d",
  scripts: null,
  newDefault: ".rpmnew",
  make: makeRpm,
  prepare: () => Promise.resolve(),
  // The shell and the libraries are there, but of no RPM; a test of their own has what is required.
  install: (root, file) => `rpm --root ${root} ${RPM_OPTIONS} --nodeps --replacepkgs -U ${file}`,
  remove: (root) => `rpm --root ${root} ${RPM_OPTIONS} -e heartbeat`,
};

export const DPKG: PackageManager = {
  file: join(DIST, `heartbeat_${manifest.version}-1_${DEBIAN_ARCHITECTURE}.deb`),
  directories: DEBIAN_HOST,
  initDir: "/etc/init.d",
  scripts: "/var/lib/dpkg/info",
  newDefault: ".dpkg-dist",
  make: makeDeb,
  async prepare(root) {
    for (const directory of ["info", "updates"]) {
      Deno.mkdirSync(join(root, "var/lib/dpkg", directory), { recursive: true });
    }
    // The database knows what the root's libraries come from, so that dependencies are checked.
    const args = ["--status", ...DEBIAN_BASE.map((name) => `${name}:${DEBIAN_ARCHITECTURE}`)];
    const { success, stdout } = await new Deno.Command("dpkg-query", { args }).output();
    if (!success) throw new Error(`this machine has none of ${DEBIAN_BASE.join(", ")} from dpkg`);
    Deno.writeFileSync(join(root, "var/lib/dpkg/status"), stdout);
  },
  // An edited file is kept without a question, as in every upgrade that nobody watches.
  install: (root, file) => `dpkg --root=${root} --force-confold --install ${file}`,
  remove: (root) => `dpkg --root=${root} --remove heartbeat`,
};

/** @returns why a package manager cannot be tried on this host, or null; the package must be made */
export function whyNoPackage({ file }: PackageManager): string | null {
  try {
    Deno.statSync(file);
    return null;
  } catch {
    return `${file} is not there; "deno task package" makes it`;
  }
}
