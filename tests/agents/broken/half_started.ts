/** Breaks `stop-after-failure`: a start that fails leaves a lock, at which the stop fails. */
import { succeed } from "heartbeat";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { file, fileResource, up } from "./file_resource.ts";

export default fileResource({
  async start(context) {
    const lock = `${file(context)}.lock`;
    writeFileSync(lock, "");
    await succeed(context, "/bin/true");
    rmSync(lock);
    up(context);
  },
  async stop(context) {
    if (existsSync(`${file(context)}.lock`)) throw new Error("it is locked");
    await rmSync(file(context), { force: true });
  },
});
