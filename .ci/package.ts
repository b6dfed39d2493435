/**
 * Makes dist/heartbeat-VERSION.rpm and .deb from dist/heartbeat. Needs rpmbuild (Debian: package
 * rpm) and dpkg-deb; makes what it can and says what it cannot. HEARTBEAT_PACKAGER and
 * HEARTBEAT_URL, if they are set, say who builds the packages and where they come from.
 */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  DEBIAN_HOST,
  makeDeb,
  makeRpm,
  type Recipe,
  RPM_HOST,
  stage,
  type Tree,
} from "./package_recipes.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SCRATCH = join(ROOT, "dist/package");
const RECIPE: Recipe = {
  output: join(ROOT, "dist"),
  scratch: SCRATCH,
  release: 1,
  isPacked: true,
};

async function make(
  tool: string,
  recipe: (tree: Tree, recipe: Recipe) => Promise<string>,
  root: string,
  directories: readonly string[],
): Promise<void> {
  try {
    const path = await recipe(await stage(join(SCRATCH, root), directories), RECIPE);
    const megabytes = (Deno.statSync(path).size / 1e6).toFixed(1);
    console.log(`${relative(ROOT, path)}: ${megabytes} MB`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`not made: ${tool} is missing on this host (${error.message})`);
  }
}

await make("rpmbuild", makeRpm, "rpm", RPM_HOST);
await make("dpkg-deb", makeDeb, "deb", DEBIAN_HOST);
