/** The texts of the package: manual pages, completions and unit, judged by the tools that read them. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CLASSIC, TOOLS, VERBS } from "../../../core/cli/commands.ts";
import { hostPlaces } from "../../../core/cli/package/host_places.ts";
import { openHost } from "../../../core/cli/host.ts";
import { packageEntries } from "../../../core/cli/package/package_files.ts";
import { TOML_KEYS } from "../../../core/config/heartbeat_toml.ts";
import { DIRECTIVES } from "../../../core/config/directives.ts";

const TABLE = { program: CLASSIC, verbs: VERBS, tools: TOOLS };
const ENTRIES = packageEntries(TABLE, "0.0.0", hostPlaces("/no/such/root"));

function textOf(path: string): string {
  const entry = ENTRIES.find((one) => one.path === path);
  if (entry?.kind !== "file") throw new Error(`the package has no file ${path}`);
  return entry.text;
}

/** Whether a program is there; says so when it is not, since its test is then skipped. */
function lacks(program: string): boolean {
  try {
    new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync();
    return false;
  } catch {
    console.log(`skipped: there is no ${program} on this host`);
    return true;
  }
}

/** Puts the files whose path matches into a directory and gives each to a program. */
async function complaintsOf(program: string, args: string[], paths: RegExp): Promise<string[]> {
  const directory = await Deno.makeTempDir({ prefix: "hb-pages-" });
  try {
    const found: string[] = [];
    for (const entry of ENTRIES) {
      if (entry.kind !== "file" || !paths.test(entry.path)) continue;
      const file = join(directory, entry.path.replaceAll("/", "_"));
      await Deno.writeTextFile(file, entry.text);
      const output = await new Deno.Command(program, { args: [...args, file] }).output();
      const said = [output.stdout, output.stderr].map((one) => new TextDecoder().decode(one));
      if (said.join("").trim() !== "") found.push(`${entry.path}: ${said.join("").trim()}`);
    }
    return found;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const MANUALS = /^\/usr\/share\/man\//;

Deno.test(
  "manual: groff renders every page without a warning",
  { ignore: lacks("groff") },
  async () => {
    assert.deepEqual(await complaintsOf("groff", ["-ww", "-man", "-Tascii", "-z"], MANUALS), []);
  },
);

Deno.test("manual: mandoc finds nothing, not even style", { ignore: lacks("mandoc") }, async () => {
  assert.deepEqual(await complaintsOf("mandoc", ["-Tlint", "-W", "style"], MANUALS), []);
});

Deno.test("manual: every verb and tool has its page, every directive its entry", () => {
  for (const { name } of VERBS) {
    assert.match(textOf(`/usr/share/man/man8/heartbeat-${name}.8`), /SYNOPSIS/);
  }
  for (const { name } of TOOLS) assert.match(textOf(`/usr/share/man/man8/${name}.8`), /SYNOPSIS/);
  const page = textOf("/usr/share/man/man5/ha.cf.5").replaceAll("\\-", "-");
  for (const { name } of DIRECTIVES) assert.ok(page.includes(`\n\\fB${name}\\fR\n`), name);
});

Deno.test("manual: ha.cf(5) has defaults as one writes them, and names what replaces another", () => {
  const page = textOf("/usr/share/man/man5/ha.cf.5").replaceAll("\\-", "-");
  const entry = (name: string) => page.split(`\n\\fB${name}\\fR\n`)[1]?.split("\n.TP\n")[0] ?? "";
  assert.doesNotMatch(page, /Default: (true|false|\d+000ms)/);
  for (const [name, value] of [["realtime", "on"], ["crm", "off"], ["deadtime", "30"]]) {
    assert.match(entry(name ?? ""), new RegExp(`Default: ${value}\\.`), name);
  }
  assert.match(entry("udp"), /Instead: \\fBbcast eth1/);
  assert.match(entry("bcast"), /Example: \\fBbcast eth1/);
  for (const [, label, word] of page.matchAll(/(Example|Instead): \\fB(\S+)/g)) {
    const inEntry = entry(word ?? "").includes(`Example: \\fB${word}`);
    assert.ok(inEntry, `${label} ${word}`);
  }
});

Deno.test("manual: heartbeat.toml(5) has every key with its default; heartbeat(8) names all pages", () => {
  const page = textOf("/usr/share/man/man5/heartbeat.toml.5");
  for (const { table, name, default: value } of TOML_KEYS) {
    const part = page.split(`\n.SS "[${table}]"\n`)[1]?.split("\n.S")[0] ?? "";
    const entry = part.split(`\\fB${name}\\fR\n`)[1]?.split("\n.TP\n")[0] ?? "";
    assert.match(entry, new RegExp(`Default: ${value}\\.`), name);
  }
  const whole = textOf("/usr/share/man/man8/heartbeat.8").replaceAll("\\-", "-");
  assert.match(whole, /\/etc\/ha\.d\/heartbeat\.toml/);
  const named = [...whole.matchAll(/^\.BR (\S+) \((\d)\)/gm)].map(([, name, section]) =>
    `/usr/share/man/man${section}/${name}.${section}`
  );
  const pages = ENTRIES.map(({ path }) => path).filter((path) => MANUALS.test(path));
  assert.deepEqual([...named, "/usr/share/man/man8/heartbeat.8"].sort(), pages.sort());
});

Deno.test("manual, help: a command explains the words that it takes and prints", async () => {
  const explained = VERBS.filter(({ terms }) => terms !== undefined);
  for (const wanted of ["status", "standby", "takeover"]) {
    assert.ok(explained.some(({ name }) => name === wanted), wanted);
  }
  for (const { name, terms = [], run } of explained) {
    const page = textOf(`/usr/share/man/man8/heartbeat-${name}.8`).replaceAll("\\-", "-");
    let help = "";
    const out = (text: string) => {
      help += text;
    };
    const terminal = { colour: false, unicode: true, columns: 80, foldAt: Infinity };
    await run(openHost(name, undefined, { out, err: out, terminal }), ["--help"]);
    for (const [term, meaning] of terms) {
      assert.ok(page.includes(`\n\\fB${term}\\fR\n`), `${name}: ${term}`);
      assert.match(
        help,
        new RegExp(`^ {2}${RegExp.escape(term)} +${RegExp.escape(meaning)}$`, "m"),
      );
    }
  }
});

Deno.test("manual: the page of a family has every command with every option", () => {
  const families = VERBS.filter(({ subcommands }) => subcommands !== undefined);
  assert.deepEqual(families.map(({ name }) => name), ["agent"]);
  for (const { name, subcommands = [] } of families) {
    const page = textOf(`/usr/share/man/man8/heartbeat-${name}.8`).replaceAll("\\-", "-");
    const [common = ""] = page.split('\n.SH "OPTIONS"').slice(1);
    const parts = page.split("\n.SS ").slice(1);
    assert.deepEqual(parts.map((part) => part.split("\n")[0]), [
      ...subcommands.map((one) => `"${one.name}"`),
    ]);
    for (const [at, { options }] of subcommands.entries()) {
      for (const option of options) {
        const term = `\\fB--${option.name}\\fR`;
        assert.ok(`${parts[at]}${common}`.includes(term), `${parts[at]}: ${term}`);
      }
    }
  }
});

Deno.test("completion: bash completes verbs, options and words of links", async () => {
  const script = `${textOf("/usr/share/bash-completion/completions/heartbeat")}
compopt() { :; } # works only where readline asks
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _heartbeat; echo "\${COMPREPLY[*]}"; }
ask heartbeat sta
ask heartbeat standby lo
ask /usr/sbin/hb_takeover fo
ask heartbeat status --j
ask cl_status hbs
ask heartbeat agent te
ask heartbeat agent run --d
ask heartbeat agent types --j
ask heartbeat agent run IPaddr start ""
ask heartbeat keygen --method ""
ask heartbeat keygen --method = sha2
ask heartbeat init --auto-failback ""
ask heartbeat init --node ""
ask heartbeat help hb_
HEARTBEAT_ROOT=$1/ha.d
ask heartbeat agent test pu
ask heartbeat agent run IPsrc
ask heartbeat agent run --deadline 5 pump st
ask heartbeat check --node ""
ask heartbeat help keygen ""
cd "$1"
ask heartbeat check --config-dir h
ask heartbeat --root ""
`;
  const directory = await Deno.makeTempDir({ prefix: "hb-bash-" });
  try {
    Deno.mkdirSync(join(directory, "ha.d"));
    Deno.writeTextFileSync(join(directory, "ha.cf"), "");
    Deno.mkdirSync(join(directory, "ha.d/etc/ha.d/resource.d"), { recursive: true });
    Deno.writeTextFileSync(join(directory, "ha.d/etc/ha.d/ha.cf"), "bcast eth1\nnode\tha1 ha2\n");
    for (const name of ["pump.ts", "heartbeat.d.ts"]) {
      Deno.writeTextFileSync(join(directory, "ha.d/etc/ha.d/resource.d", name), "");
    }
    const args = ["-euc", script, "bash", directory];
    const { stdout, stderr } = await new Deno.Command("bash", { args }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    const lines = new TextDecoder().decode(stdout).split("\n");
    assert.deepEqual(lines, [
      ...["start status standby", "local", "foreign", "--json", "hbstatus"],
      ...["test", "--deadline", ""],
      // Nothing of ours: bash offers files, or nothing.
      "",
      ...["sha1 md5 sha256", "sha256", "on off"],
      "",
      "hb_standby hb_takeover",
      ...[
        "pump",
        "IPsrcaddr",
        "start stop status",
        "ha1 ha2",
        "--root --help -h",
        "ha.d",
        "ha.d",
        "",
      ],
    ]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("completion: zsh loads it", { ignore: lacks("zsh") }, async () => {
  assert.deepEqual(await complaintsOf("zsh", ["-n"], /site-functions/), []);
  const body = textOf("/usr/share/zsh/site-functions/_heartbeat");
  const directory = await Deno.makeTempDir({ prefix: "hb-zsh-" });
  try {
    await Deno.writeTextFile(join(directory, "_heartbeat"), body);
    // compinit finds the file by its #compdef line; _arguments and _describe tell what they got.
    const script = `fpath=(${directory} $fpath); autoload -Uz compinit; compinit -D -u
print $_comps[heartbeat] $_comps[hb_standby]
_arguments() { print -l -- "$@" }
_describe() { print -l -- "\${(P@)2}" }
autoload -Uz _heartbeat
words=(heartbeat st); CURRENT=2; service=heartbeat; _heartbeat
words=(heartbeat standby l); CURRENT=3; service=heartbeat; _heartbeat
words=(hb_takeover l); CURRENT=2; service=hb_takeover; _heartbeat
words=(heartbeat agent l); CURRENT=3; service=heartbeat; _heartbeat
words=(heartbeat agent list -); CURRENT=4; service=heartbeat; _heartbeat
words=(heartbeat keygen --method ""); CURRENT=4; service=heartbeat; _heartbeat
words=(heartbeat check --config-dir ""); CURRENT=4; service=heartbeat; _heartbeat
words=(heartbeat init --node ""); CURRENT=4; service=heartbeat; _heartbeat
words=(heartbeat agent run ""); CURRENT=4; service=heartbeat; _heartbeat
words=(heartbeat help ""); CURRENT=3; service=heartbeat; _heartbeat
`;
    const { stdout, stderr } = await new Deno.Command("zsh", { args: ["-fc", script] }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    const said = new TextDecoder().decode(stdout);
    assert.match(said, /^_heartbeat _heartbeat\n/);
    assert.match(said, /^standby:Hand this node/m);
    assert.equal(said.match(/^1:word:\(all local foreign failback\)$/gm)?.length, 2);
    assert.match(said, /^1:word:\(list info run test new types\)$/m);
    assert.match(said, /^--all\[With all OCF agents/m);
    assert.match(said, /^--method=\[.*\]:METHOD:\(sha1 md5 sha256\)$/m);
    assert.match(said, /^--config-dir=\[.*\]:DIR:_files -\/$/m);
    assert.match(said, /^--auto-failback=\[.*\]:on\|off:\(on off\)$/m);
    assert.match(said, /^--node=\[.*\]:NAME: $/m);
    assert.match(said, /^1:agent:\{compadd -- \$\(_heartbeat_agents\); _files\}$/m);
    assert.match(said, /^2:verb:\(start stop status monitor announce\)$/m);
    assert.match(said, /^1:word:\(start .*version cl_status .*cl_respawn\)$/m);
    assert.doesNotMatch(said, /^\*:file:_files$/m);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test(
  "completion: zsh finds it where it looks by default",
  { ignore: lacks("zsh") },
  async () => {
    const { stdout } = await new Deno.Command("zsh", { args: ["-fc", "print -l $fpath"] }).output();
    const fpath = new TextDecoder().decode(stdout).trim().split("\n");
    const root = await Deno.makeTempDir({ prefix: "hb-zsh-" });
    try {
      for (const path of fpath) Deno.mkdirSync(join(root, path), { recursive: true });
      const { zshDir } = hostPlaces(root);
      assert.ok(fpath.includes(zshDir), `${zshDir} is none of ${fpath.join(", ")}`);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
);

Deno.test("completion: fish finds no error, and completes commands of a family", {
  ignore: lacks("fish"),
}, async () => {
  assert.deepEqual(await complaintsOf("fish", ["--no-execute"], /\.fish$/), []);
  const directory = await Deno.makeTempDir({ prefix: "hb-fish-" });
  try {
    const file = join(directory, "heartbeat.fish");
    await Deno.writeTextFile(file, textOf("/usr/share/fish/vendor_completions.d/heartbeat.fish"));
    Deno.mkdirSync(join(directory, "ha.d"));
    const asked: readonly (readonly [line: string, ...answers: readonly string[]])[] = [
      ["agent t", "test", "types"],
      ["agent list --a", "--all"],
      ["agent types --a"],
      ["agent run h", "ha.d/", "heartbeat.fish"],
      ["agent run IPsrc", "IPsrcaddr"],
      ["agent run IPaddr sto", "stop"],
      ["hb_standby ", "all", "local", "foreign", "failback"],
      ["standby all "],
      ["keygen --method ", "sha1", "md5", "sha256"],
      ["init --auto-failback ", "on", "off"],
      ["init --node h"],
      ["help hb_", "hb_standby", "hb_takeover"],
      ["check --config-dir h", "ha.d/"],
      ["status h"],
    ];
    const questions = asked.map(([line]) => `echo "? ${line}"; complete -C "heartbeat ${line}"`);
    const script = [`source ${file}; cd ${directory}`, ...questions];
    // Of a host without agents and nodes of its own.
    const env = { HEARTBEAT_ROOT: directory };
    const options = { args: ["--no-config", "-c", script.join("\n")], env };
    const { stdout } = await new Deno.Command("fish", options).output();
    const said = new TextDecoder().decode(stdout).trimEnd().split("? ").slice(1).map((one) => {
      const [line = "", ...answers] = one.replace(/\n$/, "").split("\n");
      return [line, ...answers.map((answer) => answer.split("\t")[0]).sort()];
    });
    assert.deepEqual(said, asked.map(([line, ...answers]) => [line, ...answers.toSorted()]));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test(
  "unit: systemd-analyze verify is silent",
  { ignore: lacks("systemd-analyze") },
  async () => {
    const directory = await Deno.makeTempDir({ prefix: "hb-unit-" });
    try {
      const program = join(directory, "heartbeat");
      await Deno.writeTextFile(program, "#!/bin/sh\n", { mode: 0o755 });
      // The program need not be installed where this test runs; manuals neither.
      const unit = textOf("/usr/lib/systemd/system/heartbeat.service")
        .replaceAll("/usr/sbin/heartbeat", program).replace(/^Documentation=.*\n/m, "");
      const file = join(directory, "heartbeat.service");
      await Deno.writeTextFile(file, unit);
      const command = new Deno.Command("systemd-analyze", { args: ["verify", "--man=no", file] });
      const { code, stdout, stderr } = await command.output();
      const text = new TextDecoder();
      const ours = (text.decode(stdout) + text.decode(stderr)).split("\n")
        .filter((line) => line.includes("heartbeat"));
      assert.deepEqual([code, ours], [0, []]);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);

Deno.test("documents: the package has the pages for readers, and every example as it lies here", () => {
  for (const name of ["README", "agents", "operation", "migration", "differences", "SELINUX"]) {
    assert.match(textOf(`/usr/share/doc/heartbeat/${name}.md`), /^# /);
  }
  const examples = fileURLToPath(new URL("../../../examples", import.meta.url));
  for (const { name: directory } of Deno.readDirSync(examples)) {
    for (const { name } of Deno.readDirSync(join(examples, directory))) {
      const path = `/usr/share/doc/heartbeat/examples/${directory}/${name}`;
      const entry = ENTRIES.find((one) => one.path === path);
      assert.ok(entry?.kind === "file", path);
      const source = join(examples, directory, name);
      assert.equal(entry.text, Deno.readTextFileSync(source));
      assert.equal(entry.mode & 0o111, (Deno.statSync(source).mode ?? 0) & 0o111, path);
    }
  }
  for (const [at, { path }] of ENTRIES.entries()) {
    if (!path.startsWith("/usr/share/doc/heartbeat/")) continue;
    const above = ENTRIES.findIndex((one) =>
      one.kind === "directory" && one.path === dirname(path)
    );
    assert.ok(above >= 0 && above < at, `the directory of ${path} comes first`);
  }
});
