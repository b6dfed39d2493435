/**
 * Builds dist/heartbeat: bundles main.ts, then appends the bundle to the base runtime. What is
 * imported only when it is needed becomes a file of its own, so that `heartbeat status` loads no
 * daemon; source maps stand beside it, where nothing but a stack trace reads them. The bundle lies
 * alone in its directory, since `deno compile` would embed a whole node_modules; the code cache
 * stays off, since it is a file with a known name in /tmp that root would execute.
 * The same commit and base runtime give the same bytes.
 *
 * usage: compile.ts [x86_64|aarch64]...     default: the architecture of this machine
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildFacts } from "../core/runtime/version.ts";
import { type Architecture, type BaseRuntime, findBaseRuntime } from "./denort.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BUILD = join(ROOT, "dist/build");
const BUNDLE = join(BUILD, "bundle");
/** Packages written as CommonJS ask for `require`, which a module does not have. */
const BANNER =
  'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);';
const ESBUILD_NAMES: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };
const COMMIT_LENGTH = 12;
/**
 * Megabytes of each half of the heap's young part. By itself it grows to 32 under the steady small
 * garbage of heartbeats and is never given back: the daemon grew by 60 MB in three minutes.
 */
const YOUNG_HALF_MB = 2;

/** @returns the path of the executable; dist/heartbeat is the one for this machine */
async function compile(architecture: Architecture): Promise<string> {
  const base = await findBaseRuntime(architecture);
  await bundleTo(BUNDLE, { commit: await commit(), base: base.origin });
  const own = architecture === Deno.build.arch;
  const output = join(ROOT, "dist", own ? "heartbeat" : `heartbeat-${architecture}`);
  await appendTo(base, architecture, output);
  return output;
}

async function bundleTo(directory: string, facts: BuildFacts): Promise<void> {
  await Deno.remove(directory, { recursive: true }).catch(() => {});
  Deno.mkdirSync(directory, { recursive: true });
  const platform = ESBUILD_NAMES[Deno.build.arch];
  await run(`node_modules/@esbuild/linux-${platform}/bin/esbuild`, [
    "main.ts",
    ...["--bundle", "--platform=node", "--format=esm", "--main-fields=module,main"],
    ...["--conditions=module,import", "--sourcemap=linked", "--sources-content=false"],
    // The runtime keeps what is embedded in memory, all of it; comments need not be there.
    "--minify-whitespace",
    ...["--log-level=warning", `--banner:js=${BANNER}`, "--splitting", `--outdir=${directory}`],
    `--define:globalThis.HEARTBEAT_BUILD=${JSON.stringify(facts)}`,
  ]);
  // Times of change are embedded too; one that never changes keeps builds equal.
  for (const { name } of Deno.readDirSync(directory)) Deno.utimeSync(join(directory, name), 0, 0);
}

async function appendTo(
  base: BaseRuntime,
  architecture: Architecture,
  output: string,
): Promise<void> {
  const config = join(BUILD, "deno.json");
  Deno.writeTextFileSync(config, '{ "nodeModulesDir": "none", "lock": false }\n');
  await run(Deno.execPath(), [
    ...["compile", "--quiet", "--allow-all", "--no-code-cache", "--no-check"],
    `--v8-flags=--max-semi-space-size=${YOUNG_HALF_MB}`,
    ...[`--config=${config}`, `--target=${architecture}-unknown-linux-gnu`],
    `--include=${BUNDLE}`,
    ...[`--output=${output}`, join(BUNDLE, "main.js")],
  ], base.path === null ? {} : { DENORT_BIN: base.path });
}

/** The commit that is built; "-dirty" behind it when files differ from it. */
async function commit(): Promise<string> {
  const git = async (...args: string[]) => {
    const { success, stdout } = await new Deno.Command("git", { args, cwd: ROOT }).output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  };
  const head = await git("rev-parse", `--short=${COMMIT_LENGTH}`, "HEAD");
  if (head === null) return "unknown";
  const changes = await git("status", "--porcelain", "--untracked-files=no");
  return changes === "" ? head : `${head}-dirty`;
}

async function run(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<void> {
  const command = new Deno.Command(program, { args, env, cwd: ROOT, stdin: "null" });
  const { success, code } = await command.spawn().status;
  if (!success) throw new Error(`${program} ended with ${code}`);
}

function isArchitecture(word: string): word is Architecture {
  return word === "x86_64" || word === "aarch64";
}

const words = Deno.args.length > 0 ? Deno.args : [Deno.build.arch];
for (const word of words) {
  if (!isArchitecture(word)) {
    throw new Error(`architecture "${word}" is not one of x86_64, aarch64`);
  }
  const path = await compile(word);
  console.log(`${path}: ${(Deno.statSync(path).size / 1e6).toFixed(1)} MB`);
}
