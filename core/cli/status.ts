/**
 * `heartbeat status`: what the live daemon says about itself, as a table for people or as JSON for
 * programs, with the verdict as exit code. It reads no files and prints nothing unconfirmed.
 */
import { type Command, defineCommand } from "./command.ts";
import { askStatus, ControlError } from "./control_client.ts";
import type { Host } from "./host.ts";
import { leftBehind } from "../runtime/held_groups.ts";
import { noStatusJson, statusJson } from "./status_json.ts";
import { renderStatus } from "./status_table.ts";
import { judge, STATUS_EXIT } from "./verdict.ts";

export const statusCommand: Command = defineCommand({
  name: "status",
  summary: "Show nodes, media and groups as the running daemon sees them",
  terms: [
    ["*", "Behind its name: the node that answers."],
    ["!", "A reason why the verdict is not OK."],
    ["STATE", "Of a node: init, up, active, left, dead or ping; of a link: up, dead, or late."],
    ["SINCE", "How long it has been in that state."],
    ["HEARD", "How long ago the node was heard last; below it, on that link."],
    ["LOST", "Share of the node's messages that did not come on that link."],
    [
      "SENT, RECEIVED",
      "Packets on the medium since the daemon started; those that came are of others.",
    ],
    ["ERRORS", "Packets that could not be sent, by the kernel's reason."],
    ["+ or a tick", "The resource runs here."],
    ["- or a dash", "The resource does not run here."],
    ["?", "A start or stop failed, or its status denies a start that went well."],
    ["DROPPED", "Packets that were not believed, and what may be the cause."],
  ],
  operands: "",
  maxOperands: 0,
  options: [{
    name: "json",
    doc: "Print verdict and answer as JSON; its schema number grows when a field changes.",
  }],
  exits: [
    [STATUS_EXIT.ok, "all nodes and media are well and every group runs on one node"],
    [STATUS_EXIT.degraded, "everything runs, or is on its way, but something is not well"],
    [
      STATUS_EXIT.down,
      "a group runs nowhere, only in part, or on both nodes; or this node is deaf",
    ],
    [STATUS_EXIT.notRunning, "Heartbeat is not running"],
    [STATUS_EXIT.unknown, "cannot say: no permission, no answer, wrong usage, or nowhere to write"],
  ],
  usageExit: STATUS_EXIT.unknown,
  troubleExit: STATUS_EXIT.unknown,
}, (host, call) => showStatus(host, call.count("json") > 0));

async function showStatus(host: Host, json: boolean): Promise<number> {
  try {
    const status = await askStatus(host.paths);
    const verdict = judge(status);
    host.out(
      json ? statusJson(status, verdict) : renderStatus(status, host.terminal),
    );
    return verdict.exit;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const exit = error.kind === "absent" ? STATUS_EXIT.notRunning : STATUS_EXIT.unknown;
    const left = error.kind === "absent" ? await leftBehind(host.paths.heldGroupsFile) : [];
    const reasons = [error.message, ...left.map(leftText)];
    if (json) host.out(noStatusJson(error.kind, reasons));
    host.err(reasons.map((reason) => `heartbeat: ${reason}\n`).join(""));
    return exit;
  }
}

/** What the daemon held when it ended otherwise than in order. */
function leftText(line: string): string {
  return `"${line}" was held here when the daemon ended, and may still run, while the other node ` +
    `may have taken it over: start Heartbeat again, or stop it by hand`;
}
