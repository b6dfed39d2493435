/**
 * Runs a file of tests inside a fresh network namespace, so that they may change addresses as they
 * like. Inside, `hb0` is an Ethernet interface (10.77.0.1/24) and `hb1` the other end of its cable,
 * where a test can listen.
 */
import assert from "node:assert/strict";
import { ip, labReason } from "../transports/lab.ts";

const reason = labReason();

/** Registers one test that stands for all in `file`; skipped, with the reason, where it must be. */
export function testInNamespace(name: string, file: URL): void {
  if (reason !== undefined) console.log(`skipped "${name}": ${reason}`);
  Deno.test({ name, ignore: reason !== undefined, fn: () => runInside(file) });
}

function runInside(file: URL): void {
  const namespace = `hbt${crypto.randomUUID().slice(0, 8)}`;
  const inside = (...args: string[]) => ip("-n", namespace, ...args);
  ip("netns", "add", namespace);
  try {
    inside("link", "set", "lo", "up");
    inside("link", "add", "hb0", "type", "veth", "peer", "name", "hb1");
    inside("link", "set", "hb0", "up");
    inside("link", "set", "hb1", "up");
    inside("addr", "add", "10.77.0.1/24", "brd", "+", "dev", "hb0");
    const deno = [Deno.execPath(), "test", "-A", "--no-check", file.pathname];
    const { code, stdout, stderr } = new Deno.Command("ip", {
      args: ["netns", "exec", namespace, ...deno],
      env: { NO_COLOR: "1" },
    }).outputSync();
    const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 0, output);
    assert.match(output, /\n(ok|test result: ok).* [1-9]\d* passed/, output);
    console.log(output.split("\n").filter((line) => / \.\.\. |µs/.test(line)).join("\n"));
  } finally {
    ip("netns", "del", namespace);
  }
}
