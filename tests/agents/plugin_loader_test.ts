/** What a plugin may be made of, and what is said when it is not. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import type { AgentContext } from "../../agents/contract.ts";
import { PluginError, PluginLoader } from "../../agents/plugin_loader.ts";

const AGENT = `
import { type Agent, CONTRACT_VERSION } from "heartbeat";
const ok = () => Promise.resolve();
export default {
  name: "a", contract: CONTRACT_VERSION, summary: "s", parameters: [],
  start: ok, stop: ok, status: () => Promise.resolve("running"),
} satisfies Agent;
`;

interface Root {
  readonly dir: string;
  load(path?: string): ReturnType<PluginLoader["load"]>;
  /** The message of the error that loading ends with, without the directory. */
  refusal(path?: string): string;
}

/** Files by path relative to a fresh directory, each written by nobody else. */
function withFiles(files: Record<string, string>, body: (root: Root) => void): void {
  const base = Deno.realPathSync(Deno.makeTempDirSync());
  const dir = join(base, "resource.d");
  Deno.mkdirSync(dir, { mode: 0o755 });
  try {
    for (const [path, text] of Object.entries(files)) {
      Deno.mkdirSync(dirname(join(dir, path)), { recursive: true, mode: 0o755 });
      Deno.writeTextFileSync(join(dir, path), text);
      Deno.chmodSync(join(dir, path), 0o644);
    }
    const load = (path = "a.ts") => new PluginLoader().load(join(dir, path));
    const refusal = (path?: string) => {
      try {
        load(path);
      } catch (error) {
        assert.ok(error instanceof PluginError);
        return error.message.replaceAll(`${dir}/`, "").replaceAll(dir, "DIR");
      }
      return "it loads";
    };
    body({ dir, load, refusal });
  } finally {
    Deno.removeSync(base, { recursive: true });
  }
}

Deno.test("load: an agent in TypeScript; types and type imports leave no trace", () =>
  withFiles({ "a.ts": AGENT }, ({ load }) => {
    assert.equal(load().name, "a");
  }));

Deno.test("load: several files, enums, cycles, node modules, import.meta, dynamic import", () =>
  withFiles({
    "a.ts": `
      import { basename } from "node:path";
      import { Colour, part } from "./lib/part.ts";
      import plain from "./lib/plain";
      const enum Size { Big = 7 }
      class Point { constructor(readonly x: number) {} }
      export const base = (): string => "base";
      export default {
        name: [basename("/x/y"), Colour.Red, Size.Big, new Point(1).x, part(), plain].join(" "),
        contract: 1, summary: import.meta.url, parameters: [],
        async start(context: { log(level: string, text: string): void }) {
          const { part } = await import("./lib/part.ts");
          context.log("info", part() + import.meta.filename);
        },
        stop: async () => {}, status: async () => "running",
      };`,
    "lib/part.ts": `import { base } from "../a.ts";
      export enum Colour { Red = "red" }
      export const part = (): string => base() + "+part";`,
    "lib/plain.js": "export default 'plain';",
  }, ({ load, dir }) => {
    const agent = load();
    assert.equal(agent.name, "y red 7 1 base+part plain");
    assert.equal(agent.summary, `file://${dir}/a.ts`);
  }));

Deno.test("load: JavaScript is as good", () =>
  withFiles({
    "a.js": AGENT.replace("type Agent, ", "").replace(" satisfies Agent", ""),
  }, ({ load }) => assert.equal(load("a.js").name, "a")));

const REFUSED: readonly (readonly [what: string, source: string, said: RegExp])[] = [
  [
    "npm:",
    '\nimport x from "npm:left-pad"; x;',
    /^a.ts:2: a plugin may import .* not "npm:left-pad"/,
  ],
  ["jsr:", 'import "jsr:@std/fs";', /^a.ts:1: a plugin may import .* not "jsr:@std\/fs"$/],
  ["https:", '\n\nimport "https://x/y.ts";', /^a.ts:3: a plugin may import .* not "https:/],
  [
    "bare names",
    'import "fs";',
    /^a.ts:1: a plugin may import "heartbeat", node: modules and files/,
  ],
  [
    "absolute paths",
    'import "/etc/passwd";',
    /^a.ts:1: a plugin may import .* not "\/etc\/passwd"$/,
  ],
  [
    "files outside",
    'import "../out.ts";',
    /^a.ts:1: .*out.ts is .*not in DIR \(fix: copy it there\)$/,
  ],
  [
    "missing files",
    'import "./no";',
    /^a.ts:1: cannot import ".\/no": there is no no.ts or no.js$/,
  ],
  [
    "other kinds of file",
    'import "./x.json";',
    /^a.ts:1: cannot import ".\/x.json": there is no x.js/,
  ],
  [
    "unknown node modules",
    'import "node:nix";',
    /^a.ts:1: there is no "node:nix" in this runtime$/,
  ],
  ["top-level await", "\nawait 1;", /^a.ts:2: await may not stand outside of functions/],
  ["what sucrase cannot read", "let a = 1;\nlet b = = 2;", /^a.ts:2: Unexpected token$/],
  [
    "what the engine cannot read",
    "\nlet q;\nlet q;\nlet r;",
    /^a.ts:3: Identifier 'q' has already/,
  ],
  ["an error while it loads", "\n\nthrow new Error('boo');", /^a.ts:3: boo$/],
  ["a thrown text", "throw 'just so';", /^a.ts: just so$/],
  ["no default export", "export const x = 1;", /^a.ts: has no agent as its default export; write/],
];

for (const [what, source, said] of REFUSED) {
  Deno.test(`load: refuses ${what}, with file and line`, () =>
    withFiles({ "a.ts": source, "../out.ts": "" }, ({ refusal }) => {
      assert.match(refusal(), said);
    }));
}

Deno.test("load: an error in an imported file names that file", () =>
  withFiles({ "a.ts": 'import "./b.ts";', "b.ts": "\nnull.x;" }, ({ refusal }) => {
    assert.match(refusal(), /^b.ts:2: Cannot read properties of null/);
  }));

Deno.test("load: everything that the contract misses is said at once", () =>
  withFiles({
    "a.ts": "export default { name: '', contract: 9, parameters: [1], start() {}, monitor: 1 };",
    "b.ts": "export default { };",
  }, ({ refusal }) => {
    assert.equal(
      refusal(),
      'a.ts: is no agent of this contract: "name" must be a string that is not empty; ' +
        '"summary" must be a string that is not empty; ' +
        "it is written for contract 9, this heartbeat has contract 1; " +
        '"parameters" must be a list of { name, required, doc }, or [] if there are none; ' +
        'the function "stop" is missing; the function "status" is missing; ' +
        '"monitor" must be a function or be left out',
    );
    assert.match(refusal("b.ts"), /"contract" is missing, write contract: CONTRACT_VERSION/);
  }));

Deno.test("load: nothing is kept of a failed load", () =>
  withFiles(
    { "a.ts": 'import "./b.ts";' + AGENT, "b.ts": "throw new Error('not yet');" },
    (root) => {
      const loader = new PluginLoader();
      const path = join(root.dir, "a.ts");
      assert.throws(() => loader.load(path), /b.ts:1: not yet/);
      assert.throws(() => loader.load(path), /b.ts:1: not yet/);
      Deno.writeTextFileSync(join(root.dir, "b.ts"), "export {};");
      assert.equal(loader.load(path).name, "a");
    },
  ));

Deno.test("load: what was given counts, also when its files are gone", () =>
  withFiles({ "a.ts": 'import "./lib/b";' + AGENT, "lib/b.ts": "export {};" }, ({ dir }) => {
    const path = join(dir, "a.ts");
    const first = new PluginLoader();
    first.load(path);
    const sources = first.takeFresh();
    assert.deepEqual(sources.map(({ asked }) => asked), [join(dir, "lib/b.ts"), path]);
    assert.deepEqual(first.takeFresh(), []);
    const second = new PluginLoader();
    for (const source of sources) second.give(source);
    Deno.writeTextFileSync(path, "broken broken");
    Deno.removeSync(join(dir, "lib"), { recursive: true });
    for (const loader of [first, second]) assert.equal(loader.load(path).name, "a");
    assert.throws(() => new PluginLoader().load(path), /a.ts:1: /);
  }));

Deno.test("load: a file or directory that others may change is refused, with the repair", () =>
  withFiles({ "a.ts": 'import "./lib/b.ts";' + AGENT, "lib/b.ts": "" }, ({ dir, refusal }) => {
    const repair: readonly (readonly [path: string, wrong: number, right: number])[] = [
      ["a.ts", 0o664, 0o644],
      ["a.ts", 0o646, 0o644],
      ["lib/b.ts", 0o666, 0o644],
      ["lib", 0o775, 0o755],
      [".", 0o777, 0o755],
    ];
    for (const [name, wrong, right] of repair) {
      const path = join(dir, name);
      Deno.chmodSync(path, wrong);
      const shown = name === "." ? "DIR" : name;
      const mode = wrong.toString(8).padStart(4, "0");
      assert.ok(
        refusal().endsWith(
          `${shown} has mode ${mode}: others than its owner may change it (fix: chmod go-w ${shown})`,
        ),
        refusal(),
      );
      Deno.chmodSync(path, right);
    }
    assert.equal(refusal(), "it loads");
  }));

Deno.test({
  name: "load: a file of another user is refused, with the repair",
  ignore: Deno.uid() !== 0 && !(console.log("skipped: only root can give a file away"), false),
  fn: () =>
    withFiles({ "a.ts": AGENT }, ({ dir, refusal }) => {
      Deno.chownSync(join(dir, "a.ts"), 1234, null);
      assert.equal(
        refusal(),
        "a.ts: a.ts belongs to user 1234, who could change what runs here (fix: chown root a.ts)",
      );
    }),
});

Deno.test("load: links inside the directory are fine, links out of it are not", () =>
  withFiles({ "a.ts": AGENT, "../out.ts": AGENT }, ({ dir, load, refusal }) => {
    Deno.symlinkSync("a.ts", join(dir, "in.ts"));
    assert.equal(load("in.ts").name, "a");
    Deno.symlinkSync("../out.ts", join(dir, "link.ts"));
    assert.match(refusal("link.ts"), /^link.ts: link.ts is .*out.ts, which is not in DIR/);
    Deno.symlinkSync("nowhere.ts", join(dir, "dangling.ts"));
    assert.equal(refusal("dangling.ts"), "dangling.ts: there is no such file");
  }));

Deno.test("place: an error at run time is found in the plugin's own file", async () => {
  const dir = Deno.realPathSync(Deno.makeTempDirSync());
  const path = join(dir, "a.ts");
  Deno.writeTextFileSync(path, AGENT.replace("start: ok", "start() { throw new Error('x'); }"));
  Deno.chmodSync(path, 0o644);
  const loader = new PluginLoader();
  const agent = loader.load(path);
  try {
    await agent.start({} as AgentContext);
    assert.fail("it throws");
  } catch (error) {
    assert.equal(loader.place(error), `${path}:6`);
    assert.equal(loader.place(new Error("of ours")), undefined);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});
