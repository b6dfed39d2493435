/** What the tests of Filesystem share: a mount point that goes away, and loop devices. */
import assert from "node:assert/strict";
import type { AgentHost } from "../../../agents/host.ts";
import { readMounts } from "../../../core/os/mounts.ts";
import { AgentBench } from "../bench.ts";

export class Bench extends AgentBench {
  readonly mountpoint = `${this.root}/mount point`;

  constructor(host: Partial<AgentHost> = {}) {
    super(host);
    Deno.mkdirSync(this.mountpoint);
  }

  at(path = ""): boolean {
    return readMounts().some(({ mountpoint }) => mountpoint === this.mountpoint + path);
  }
}

export function run(program: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(program, { args }).outputSync();
  assert.ok(success, `${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Why there can be no loop device here. */
function loopReason(): string | undefined {
  try {
    const loop = new Deno.Command("losetup", { args: ["-f"] }).outputSync();
    if (!loop.success) return "the kernel gives no loop device";
    return new Deno.Command("mke2fs", { args: ["-V"] }).outputSync().success
      ? undefined
      : "mke2fs does not work";
  } catch (error) {
    return String(error);
  }
}

export const noLoop = loopReason();
if (noLoop !== undefined) console.log(`skipped the loop device: ${noLoop}`);

/** A file system image with a label, as a loop device. @returns its path */
export function labelled(image: string, label: string): string {
  Deno.writeFileSync(image, new Uint8Array(2 * 1024 * 1024));
  run("mke2fs", "-q", "-F", "-L", label, image);
  const { stdout } = new Deno.Command("losetup", { args: ["-f", "--show", image] }).outputSync();
  return new TextDecoder().decode(stdout).trim();
}
