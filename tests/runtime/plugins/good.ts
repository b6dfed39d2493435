/** An agent that keeps its promises: a file is its resource; `run` and `log` are used once each. */
import { type Agent, CONTRACT_VERSION, type Status, succeed } from "heartbeat";
import { existsSync, rmSync } from "node:fs";
import { Word } from "./lib/words.ts";

export default {
  name: "good",
  contract: CONTRACT_VERSION,
  summary: "a file",
  parameters: [{ name: "file", required: true, doc: "Path of the file." }],
  validate: ([file]) => file === undefined ? "good needs a file" : undefined,
  async start(context) {
    await succeed(context, "/bin/sh", "-c", `sleep 0.2; echo up >"$0"`, context.args[0] ?? "");
    context.log("info", Word.Up);
    context.log("info", `it had ${context.deadlineMs} ms`);
  },
  stop({ args: [file = ""] }) {
    rmSync(file, { force: true });
    return Promise.resolve();
  },
  status: ({ args: [file = ""] }): Promise<Status> =>
    Promise.resolve(existsSync(file) ? "running" : "stopped"),
} satisfies Agent;
