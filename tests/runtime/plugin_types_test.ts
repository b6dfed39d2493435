/**
 * `heartbeat.d.ts` as an author uses it: a plugin is checked against that one file, far from our
 * sources, and the file says the same as what the plugin host gives.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pluginTypes } from "../../core/runtime/plugins/plugin_types.ts";

const HERE = import.meta.dirname ?? ".";
const SDK = join(HERE, "../../agents/sdk.ts");
const REFERENCE = '/// <reference path="./heartbeat.d.ts" />\n';

/** The plugin, as an author's Deno sees it. */
async function check(text: string): Promise<{ success: boolean; said: string }> {
  const dir = Deno.makeTempDirSync({ prefix: "hb-types-" });
  try {
    Deno.writeTextFileSync(join(dir, "heartbeat.d.ts"), pluginTypes());
    Deno.writeTextFileSync(join(dir, "plugin.ts"), REFERENCE + text);
    const compilerOptions = { strict: true, exactOptionalPropertyTypes: true };
    Deno.writeTextFileSync(join(dir, "deno.json"), JSON.stringify({ compilerOptions }));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "plugin.ts"],
      cwd: dir,
      env: { NO_COLOR: "1" },
    }).output();
    return { success, said: new TextDecoder().decode(stderr) };
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

const PLUGIN = `
import { type Agent, type AgentContext, CONTRACT_VERSION, succeed, waitUntil } from "heartbeat";

export default {
  name: "web",
  contract: CONTRACT_VERSION,
  summary: "A web server",
  parameters: [{ name: "site", required: true, doc: "Its name." }],
  validate: ([site]) => site === undefined ? "web needs a site" : undefined,
  async start(context: AgentContext) {
    await succeed(context, "/usr/bin/web", "start", context.args[0] ?? "");
    await waitUntil(context, () => context.signal.aborted);
  },
  stop: async (context) => void await context.run("/usr/bin/web", ["stop"]),
  status: () => Promise.resolve("running"),
} satisfies Agent;
`;

Deno.test("pluginTypes: a plugin is checked against the one file, without our sources", async () => {
  const { success, said } = await check(PLUGIN);
  assert.ok(success, said);
});

Deno.test("pluginTypes: a plugin that breaks the contract is told its line", async () => {
  const wrong = PLUGIN.replace('Promise.resolve("running")', 'Promise.resolve("up")');
  const { success, said } = await check(wrong);
  assert.equal(success, false);
  assert.match(said, /"up".*is not assignable[\s\S]*plugin\.ts:16/);
});

Deno.test("pluginTypes: the file and the plugin host give the same, in both directions", async () => {
  const { success, said } = await check(`
import * as declared from "heartbeat";
import * as real from ${JSON.stringify(SDK)};
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : ["differs", A, B];
export const names: Same<keyof typeof declared, keyof typeof real> = true;
export const agent: Same<Required<declared.Agent>, Required<real.Agent>> = true;
export const missing: typeof declared.ProgramMissing = real.ProgramMissing;
export const missingBack: typeof real.ProgramMissing = declared.ProgramMissing;
export const succeed: typeof declared.succeed = real.succeed;
export const succeedBack: typeof real.succeed = declared.succeed;
export const waitUntil: typeof declared.waitUntil = real.waitUntil;
export const waitUntilBack: typeof real.waitUntil = declared.waitUntil;
export const pause: typeof declared.pause = real.pause;
export const pauseBack: typeof real.pause = declared.pause;
`);
  assert.ok(success, said);
});
