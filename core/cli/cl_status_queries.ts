/**
 * The sub-commands of `cl_status`: what each asks and the exact words of its answer, as golden
 * records of the original show them. `-m` asks for a sentence, `-v` for more lines.
 */
import { readValue } from "../config/syntax.ts";
import type { NodeView } from "../engine/view.ts";
import type { DaemonView } from "../runtime/protocol.ts";
import type { Paths } from "../runtime/paths.ts";
import { askParameter, askStatus, ControlError } from "./control_client.ts";

export interface QueryOptions {
  readonly words: readonly string[];
  readonly sentence: boolean;
  readonly verbose: boolean;
  readonly normalOnly: boolean;
  readonly pingOnly: boolean;
  readonly parameter: string | undefined;
}

export type QueryResult =
  | { readonly kind: "text"; readonly text: string; readonly negative?: boolean }
  | { readonly kind: "no-node" }
  | { readonly kind: "cannot"; readonly what: string; readonly why: string; readonly exit: number };

export interface Query {
  /** Options and parameters as usage shows them. */
  readonly usage: string;
  /** What it prints, for usage. */
  readonly doc: string;
  /** How many words it needs. */
  readonly words: number;
  /** Whether `-p` takes the name of a parameter and must be there. */
  readonly needsName?: boolean;
  /** @throws {ControlError} */
  answer(paths: Paths, options: QueryOptions): Promise<QueryResult>;
}

/** Every node weighs the same in a haresources cluster; the original prints its default. */
const NODE_WEIGHT = 100;

export const QUERIES: Readonly<Record<string, Query>> = {
  clientstatus: {
    usage: "NODE CLIENT [TIMEOUT-MS]",
    doc: "online or offline: whether that API client is signed on",
    words: 2,
    // No API client can sign on to this daemon, therefore each one is offline.
    answer: async (paths, { words: [node, client], sentence }) => {
      await askStatus(paths);
      const text = sentence ? `The client ${client} of node ${node} is offline` : "offline";
      return { kind: "text", text: `${text}\n`, negative: true };
    },
  },
  hblinkstatus: {
    usage: "NODE LINK",
    doc: "up or dead: state of one heartbeat link",
    words: 2,
    answer: async (paths, { words: [node, name], sentence }) => {
      const links = findNode(await askStatus(paths), node)?.links ?? [];
      const link = links.find((each) => each.name === name);
      if (link === undefined) {
        const known = links.map((each) => each.name).join(", ");
        const why = known === ""
          ? `there is no other node "${node}" with links`
          : `"${node}" has no link "${name}", but ${known}`;
        return { kind: "cannot", what: "Cannot get heartbeat link status", why, exit: 13 };
      }
      return said(
        sentence,
        link.status,
        (s) => `The node ${node}'s heartbeat link ${name} is ${s}`,
      );
    },
  },
  hbstatus: {
    usage: "[-v]",
    doc: "whether Heartbeat runs on this host; -v: version and nodes too",
    words: 0,
    answer: hbStatus,
  },
  listnodes: {
    usage: "[-n|-p] [-v]",
    doc: "names of the nodes; -n: normal ones, -p: ping nodes; -v: links",
    words: 0,
    answer: async (paths, options) => {
      const nodes = listedNodes(await askStatus(paths))
        .filter(({ kind }) => !(options.pingOnly && kind !== "ping"))
        .filter(({ kind }) => !(options.normalOnly && kind !== "normal"));
      const title = options.sentence ? "The nodes are as follow:\n" : "";
      const text = nodes.map(options.verbose ? verboseNode : ({ name }) => `${name}\n`).join("");
      return { kind: "text", text: title + text };
    },
  },
  listhblinks: ofNode(
    "[-v] NODE",
    "heartbeat links to a node; -v: their state too",
    ({ links }, { sentence, verbose }) => {
      const title = sentence ? "\tthis node has the following heartbeat links:\n" : "";
      const lines = links.map(({ name, status }) =>
        verbose ? `\t${name}\t${status}\n` : `\t${name}\n`
      );
      return title + lines.join("");
    },
  ),
  nodestatus: ofNode(
    "NODE",
    "init, up, active, dead or ping",
    (node, { sentence }) =>
      sentence ? `The cluster node ${node.name} is ${node.status}\n` : `${node.status}\n`,
  ),
  nodeweight: ofNode(
    "NODE",
    "weight of a node, always 100",
    ({ name }, { sentence }) =>
      sentence ? `The weight of the cluster node ${name} is ${NODE_WEIGHT}\n` : `${NODE_WEIGHT}\n`,
  ),
  nodesite: ofNode(
    "NODE",
    "site of a node, always empty",
    ({ name }, { sentence }) => sentence ? `The site of the cluster node ${name} is \n` : "\n",
  ),
  nodetype: ofNode(
    "NODE",
    "normal or ping",
    ({ name, kind }, { sentence }) => sentence ? `The node ${name}'s type: ${kind}\n` : `${kind}\n`,
  ),
  rscstatus: {
    usage: "",
    doc: "all, local, foreign, none or transition: what this node holds",
    words: 0,
    answer: async (paths, { sentence }) => {
      const holds = resources(await askStatus(paths));
      return said(sentence, holds, (word) => `This node is holding ${word} resources.`);
    },
  },
  hbparameter: {
    usage: "-p NAME",
    doc: "value of a directive of ha.cf",
    words: 0,
    needsName: true,
    answer: async (paths, { sentence, parameter = "" }) => {
      const value = await askParameter(paths, parameter);
      if (value === null) {
        const why = `ha.cf and its defaults have no parameter "${parameter}"`;
        return { kind: "cannot", what: `Cannot get parameter ${parameter}'s value`, why, exit: 1 };
      }
      return said(sentence, value, (text) => `Heartbeat parameter ${parameter}'s value: ${text}`);
    },
  },
  test: {
    usage: "",
    doc: "deadtime and keepalive in ms, this node, and what it holds",
    words: 0,
    answer: testAnswer,
  },
};

async function hbStatus(paths: Paths, options: QueryOptions): Promise<QueryResult> {
  try {
    const view = await askStatus(paths);
    if (!options.verbose) {
      return { kind: "text", text: "Heartbeat is running on this machine.\n" };
    }
    const head = `version:\t${view.version}\nmanaged by:\t"haresources"\n`;
    return { kind: "text", text: head + listedNodes(view).map(verboseNode).join("") };
  } catch (error) {
    if (!(error instanceof ControlError && error.kind === "absent")) throw error;
    return { kind: "text", text: "Heartbeat is stopped on this machine.\n", negative: true };
  }
}

/** The misspelling is the original's. */
async function testAnswer(paths: Paths): Promise<QueryResult> {
  const view = await askStatus(paths);
  const deadtimeMs = await durationParameter(paths, "deadtime");
  const keepaliveMs = await durationParameter(paths, "keepalive");
  const lines = [
    `Dead time: ${deadtimeMs}`,
    ` keeplive time: ${keepaliveMs}`,
    ` mynodeid: ${view.engine.self}`,
    ` rsc: ${resources(view)}`,
  ];
  return { kind: "text", text: lines.join("\n") + "\n" };
}

async function durationParameter(paths: Paths, name: string): Promise<number> {
  const value = await askParameter(paths, name);
  const reading = readValue({ kind: "time" }, value ?? "");
  if (reading.ok && typeof reading.value === "number") return reading.value;
  throw new ControlError(
    "garbled",
    `${paths.controlSocket} gave "${value}" as ${name}, wanted a time`,
  );
}

/** A question about one node, which must exist. */
function ofNode(
  usage: string,
  doc: string,
  text: (node: NodeView, options: QueryOptions) => string,
): Query {
  return {
    usage,
    doc,
    words: 1,
    answer: async (paths, options) => {
      const node = findNode(await askStatus(paths), options.words[0]);
      return node === undefined ? { kind: "no-node" } : { kind: "text", text: text(node, options) };
    },
  };
}

function said(sentence: boolean, word: string, inWords: (word: string) => string): QueryResult {
  return { kind: "text", text: `${sentence ? inWords(word) : word}\n` };
}

function resources({ engine }: DaemonView): string {
  return engine.inTransition ? "transition" : engine.holds;
}

function findNode({ engine }: DaemonView, name: string | undefined): NodeView | undefined {
  return engine.nodes.find((node) => node.name === name?.toLowerCase());
}

/** Normal nodes, then ping nodes, each in reverse order of configuration, as the original. */
function listedNodes({ engine }: DaemonView): NodeView[] {
  const reversed = engine.nodes.toReversed();
  return [
    ...reversed.filter(({ kind }) => kind === "normal"),
    ...reversed.filter(({ kind }) => kind === "ping"),
  ];
}

/** Nobody hears himself on a null-modem cable: "dead" there would be a false alarm. */
function verboseNode({ name, status, kind, links, self }: NodeView): string {
  const told = links.filter(({ heardMs }) => !self || heardMs !== null);
  const lines = told.map((link) => `\t${link.name}\t${link.status}\n`);
  return `\n${name}\t${status}\t(nodetype: ${kind})\n${lines.join("")}`;
}
