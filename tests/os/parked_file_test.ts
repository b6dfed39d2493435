/** Files that make whoever opens them wait, and files that refuse. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type OpenFor, ParkedFile } from "../../core/os/parked_file.ts";
import { writeDurably } from "../../core/runtime/durable.ts";
import { withDirectory } from "../with_directory.ts";

const WAIT_MS = 300;

/** A pipe without a reader makes an open wait, as a frozen file system does. */
async function makePipe(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assert.ok(success);
}

Deno.test("ParkedFile: an open that waits holds up nobody else; then everything is written", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "pipe");
    await makePipe(path);
    let isOpen = false;
    const opening = ParkedFile.open(path, "appending").finally(() => isOpen = true);
    // A timer that comes at all shows that this thread does not wait.
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    assert.equal(isOpen, false);
    const reader = new Deno.Command("cat", { args: [path], stdout: "piped" }).output();
    const file = await opening;
    const data = new Uint8Array(300_000).fill(65);
    await file.write(data);
    file.close();
    assert.equal((await reader).stdout.length, data.length);
  }));

Deno.test("writeDurably: neither does one that waits for its disk", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "note");
    await makePipe(`${path}.new`);
    const writing = writeDurably(path, new TextEncoder().encode("new"), 0o600);
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    const reader = new Deno.Command("cat", { args: [`${path}.new`], stdout: "piped" }).output();
    // A pipe cannot be synchronized; everything before that has happened.
    await assert.rejects(writing, /fsync \S+note\.new: EINVAL/);
    assert.equal(new TextDecoder().decode((await reader).stdout), "new");
  }));

Deno.test("ParkedFile: what is refused is refused by name", () =>
  withDirectory(async (directory) => {
    const table: [string, OpenFor, RegExp][] = [
      [join(directory, "none/file"), "appending", /^open \S+none\/file: ENOENT \(No such file/],
      [directory, "replacing", /^open \S+: EISDIR/],
      [join(directory, "none"), "directory", /^open \S+none: ENOENT/],
    ];
    for (const [path, openFor, wanted] of table) {
      await assert.rejects(ParkedFile.open(path, openFor), ({ message }) => wanted.test(message));
    }
    const full = await ParkedFile.open("/dev/full", "appending");
    await assert.rejects(full.write(new Uint8Array(3)), /write \/dev\/full: ENOSPC/);
    full.close();
  }));

Deno.test("ParkedFile: knows whether its path names another file by now", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "log");
    const file = await ParkedFile.open(path, "appending", 0o644);
    assert.equal(await file.isAtItsPath(), true);
    Deno.renameSync(path, `${path}.1`);
    assert.equal(await file.isAtItsPath(), false);
    Deno.writeTextFileSync(path, "");
    assert.equal(await file.isAtItsPath(), false);
    file.close();
  }));
