/**
 * How an RPM and a .deb are made. What is in them is what the executable itself installs below an
 * empty root, so that there is one list of files only; the recipes in packaging/ say the rest.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGING = join(ROOT, "packaging");
const PROGRAM = join(ROOT, "dist/heartbeat");
const RECORD = "/var/lib/heartbeat/installed.json";
/** Below /etc all is the administrator's, but for what only a program or a reader needs. */
const NOT_CONFIG = /^\/etc\/(?:(?:rc\.d\/)?init\.d\/|ha\.d\/README)/;
const FAST_ZSTD = 6;
const DEBIAN_NAMES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };
const SCRIPTS = ["postinst", "prerm", "postrm"];
/** What the packages say of their builder when nobody says it. */
const NOBODY = "The Heartbeat authors";

/** Directories of a host that takes an RPM, and of one that takes a .deb: `install` looks for them. */
export const RPM_HOST = ["/etc/rc.d/init.d"];
export const DEBIAN_HOST = ["/etc/init.d", "/usr/share/zsh/vendor-completions"];

/** What a package is going to put on a host. */
export interface Tree {
  readonly root: string;
  /** Files, links and directories of our own, as a host names them. */
  readonly paths: readonly string[];
}

export interface Recipe {
  /** Directory of the finished package. */
  readonly output: string;
  /** Directory for what is needed on the way. */
  readonly scratch: string;
  /** Counts the packages of one version, from 1. */
  readonly release: number;
  /** Packing takes seconds; a package for a test need not be small. */
  readonly isPacked: boolean;
}

/**
 * Installs below a fresh root; its record stays out, since the package manager keeps its own.
 * @param directories that every host of the kind has
 */
export async function stage(root: string, directories: readonly string[]): Promise<Tree> {
  await Deno.remove(root, { recursive: true }).catch(() => {});
  for (const path of directories) Deno.mkdirSync(join(root, path), { recursive: true });
  await run(PROGRAM, ["install", "--root", root]);
  const record: [string, string][] = JSON.parse(Deno.readTextFileSync(join(root, RECORD)));
  Deno.removeSync(join(root, dirname(RECORD)), { recursive: true });
  removeIfEmpty(join(root, "var/lib"));
  removeIfEmpty(join(root, "var"));
  return { root, paths: record.map(([path]) => path) };
}

/** @returns the path of the package; @throws {Deno.errors.NotFound} without rpmbuild */
export async function makeRpm({ root, paths }: Tree, recipe: Recipe): Promise<string> {
  const list = join(recipe.scratch, "files");
  const lines = paths.map((path) => {
    if (Deno.lstatSync(join(root, path)).isDirectory) return `%dir ${path}`;
    return isConfig(path) ? `%config(noreplace) ${path}` : path;
  });
  Deno.writeTextFileSync(list, `${lines.join("\n")}\n`);
  const file = `heartbeat-${manifest.version}-${recipe.release}.${Deno.build.arch}.rpm`;
  const { packager, url } = builder();
  const definitions: Readonly<Record<string, string>> = {
    _topdir: join(recipe.scratch, "rpmbuild"),
    _rpmdir: recipe.output,
    _rpmfilename: file,
    _binary_payload: recipe.isPacked ? `w${FAST_ZSTD}.zstdio` : "w.ufdio",
    // The same commit makes the same package.
    _buildhost: "reproducible",
    use_source_date_epoch_as_buildtime: "1",
    clamp_mtime_to_source_date_epoch: "1",
    hb_version: manifest.version,
    hb_release: String(recipe.release),
    hb_root: root,
    hb_files: list,
    hb_scripts: join(PACKAGING, "scripts"),
    ...(packager === undefined ? {} : { hb_packager: packager }),
    ...(url === undefined ? {} : { hb_url: url }),
  };
  const defines = Object.entries(definitions).flatMap(([name, value]) => [
    "--define",
    `${name} ${value}`,
  ]);
  await run("rpmbuild", ["-bb", "--quiet", ...defines, join(PACKAGING, "heartbeat.spec")]);
  return join(recipe.output, file);
}

/** @returns the path of the package; @throws {Deno.errors.NotFound} without dpkg-deb */
export async function makeDeb({ root, paths }: Tree, recipe: Recipe): Promise<string> {
  const control = join(root, "DEBIAN");
  const architecture = DEBIAN_NAMES[Deno.build.arch] ?? Deno.build.arch;
  const bytes = paths.reduce((sum, path) => sum + Deno.lstatSync(join(root, path)).size, 0);
  const { packager, url } = builder();
  const values: Readonly<Record<string, string>> = {
    VERSION: manifest.version,
    RELEASE: String(recipe.release),
    ARCHITECTURE: architecture,
    MAINTAINER: packager ?? NOBODY,
    HOMEPAGE: url === undefined ? "" : `Homepage: ${url}\n`,
    KILOBYTES: String(Math.ceil(bytes / 1024)),
  };
  Deno.mkdirSync(control);
  const text = Deno.readTextFileSync(join(PACKAGING, "deb/control"))
    .replace(/@([A-Z]+)@/g, (hit, name: string) => values[name] ?? hit);
  Deno.writeTextFileSync(join(control, "control"), text);
  const conffiles = paths.filter((path) => /^\/etc\//.test(path) && isFile(join(root, path)));
  Deno.writeTextFileSync(join(control, "conffiles"), `${conffiles.join("\n")}\n`);
  for (const script of SCRIPTS) {
    Deno.copyFileSync(join(PACKAGING, "scripts", script), join(control, script));
    Deno.chmodSync(join(control, script), 0o755);
  }
  const name = `heartbeat_${manifest.version}-${recipe.release}_${architecture}.deb`;
  const file = join(recipe.output, name);
  const packing = recipe.isPacked ? ["-Zzstd", `-z${FAST_ZSTD}`] : ["-Znone"];
  await run("dpkg-deb", ["--root-owner-group", ...packing, "--build", root, file]);
  return file;
}

/** Who answers for the package, as `NAME <ADDRESS>`, and where it is published: the builder's say. */
function builder(): { readonly packager: string | undefined; readonly url: string | undefined } {
  const said = (name: string) => Deno.env.get(name)?.trim() || undefined;
  return { packager: said("HEARTBEAT_PACKAGER"), url: said("HEARTBEAT_URL") };
}

function isConfig(path: string): boolean {
  return path.startsWith("/etc/") && !NOT_CONFIG.test(path);
}

function isFile(path: string): boolean {
  return Deno.lstatSync(path).isFile;
}

function removeIfEmpty(directory: string): void {
  if ([...Deno.readDirSync(directory)].length === 0) Deno.removeSync(directory);
}

/** Time of the commit in seconds, so that packages of one commit are equal. */
async function commitTime(): Promise<string> {
  const args = ["log", "-1", "--format=%ct"];
  const { success, stdout } = await new Deno.Command("git", { args, cwd: ROOT }).output();
  return success ? new TextDecoder().decode(stdout).trim() : "0";
}

async function run(program: string, args: string[]): Promise<void> {
  const command = new Deno.Command(program, {
    args,
    env: { SOURCE_DATE_EPOCH: await commitTime() },
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await command.output();
  if (success) return;
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  throw new Error(`${program} failed: ${said.trim()}`);
}
