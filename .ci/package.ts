/**
 * Makes dist/heartbeat-VERSION.rpm and .deb from dist/heartbeat. What is in them is what the
 * executable itself installs below an empty root, so that there is one list of files only. Needs
 * rpmbuild (Debian: package rpm) and dpkg-deb; makes what it can and says what it cannot.
 */
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = join(ROOT, "dist/heartbeat");
const STAGE = join(ROOT, "dist/package");
const RECORD = "/var/lib/heartbeat/installed.json";
/** Below /etc all is the administrator's, but for what only a program or a reader needs. */
const NOT_CONFIG = /^\/etc\/(?:(?:rc\.d\/)?init\.d\/|ha\.d\/README)/;
const FAST_ZSTD = 6;
const DEBIAN_NAMES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

interface Staged {
  readonly root: string;
  /** Files, links and directories of our own, as a host names them. */
  readonly paths: readonly string[];
}

/** Installs below a fresh root; its record stays out, since the package manager keeps its own. */
async function stage(name: string, initDir: string): Promise<Staged> {
  const root = join(STAGE, name);
  await Deno.remove(root, { recursive: true }).catch(() => {});
  Deno.mkdirSync(join(root, initDir), { recursive: true });
  await run(PROGRAM, ["install", "--root", root]);
  const record: [string, string][] = JSON.parse(Deno.readTextFileSync(join(root, RECORD)));
  Deno.removeSync(join(root, dirname(RECORD)), { recursive: true });
  removeIfEmpty(join(root, "var/lib"));
  removeIfEmpty(join(root, "var"));
  return { root, paths: record.map(([path]) => path) };
}

async function makeRpm(): Promise<string> {
  const { root, paths } = await stage("rpm", "/etc/rc.d/init.d");
  const list = join(STAGE, "files");
  const lines = paths.map((path) => {
    if (Deno.lstatSync(join(root, path)).isDirectory) return `%dir ${path}`;
    return isConfig(path) ? `%config(noreplace) ${path}` : path;
  });
  Deno.writeTextFileSync(list, `${lines.join("\n")}\n`);
  const output = join(ROOT, "dist");
  const file = `heartbeat-${manifest.version}-1.${Deno.build.arch}.rpm`;
  const definitions: Readonly<Record<string, string>> = {
    _topdir: join(STAGE, "rpmbuild"),
    _rpmdir: output,
    _rpmfilename: file,
    _binary_payload: `w${FAST_ZSTD}.zstdio`,
    // The same commit makes the same package.
    _buildhost: "reproducible",
    use_source_date_epoch_as_buildtime: "1",
    clamp_mtime_to_source_date_epoch: "1",
    hb_version: manifest.version,
    hb_root: root,
    hb_files: list,
  };
  const defines = Object.entries(definitions).flatMap(([name, value]) => [
    "--define",
    `${name} ${value}`,
  ]);
  await run("rpmbuild", ["-bb", "--quiet", ...defines, join(ROOT, "packaging/heartbeat.spec")]);
  return join(output, file);
}

async function makeDeb(): Promise<string> {
  const { root, paths } = await stage("deb", "/etc/init.d");
  const control = join(root, "DEBIAN");
  const source = join(ROOT, "packaging/deb");
  const architecture = DEBIAN_NAMES[Deno.build.arch] ?? Deno.build.arch;
  const bytes = paths.reduce((sum, path) => sum + Deno.lstatSync(join(root, path)).size, 0);
  Deno.mkdirSync(control);
  const text = Deno.readTextFileSync(join(source, "control"))
    .replace("@VERSION@", manifest.version).replace("@ARCHITECTURE@", architecture)
    .replace("@KILOBYTES@", String(Math.ceil(bytes / 1024)));
  Deno.writeTextFileSync(join(control, "control"), text);
  const conffiles = paths.filter((path) => /^\/etc\//.test(path) && isFile(join(root, path)));
  Deno.writeTextFileSync(join(control, "conffiles"), `${conffiles.join("\n")}\n`);
  for (const script of ["postinst", "postrm"]) {
    Deno.copyFileSync(join(source, script), join(control, script));
    Deno.chmodSync(join(control, script), 0o755);
  }
  const file = join(ROOT, "dist", `heartbeat_${manifest.version}-1_${architecture}.deb`);
  const zstd = ["-Zzstd", `-z${FAST_ZSTD}`];
  await run("dpkg-deb", ["--root-owner-group", ...zstd, "--build", root, file]);
  return file;
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

async function make(tool: string, build: () => Promise<string>): Promise<void> {
  try {
    const path = await build();
    const megabytes = (Deno.statSync(path).size / 1e6).toFixed(1);
    console.log(`${relative(ROOT, path)}: ${megabytes} MB`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`not made: ${tool} is missing on this host (${error.message})`);
  }
}

await make("rpmbuild", makeRpm);
await make("dpkg-deb", makeDeb);
