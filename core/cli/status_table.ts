/**
 * Draws one answer of the daemon as a table of at most 80 columns: verdict first, then nodes,
 * media and groups, an age with everything. It prints nothing that the answer does not hold.
 */
import type { GroupView, LinkView, NodeView } from "../engine/view.ts";
import type { DaemonView, MediumView } from "../runtime/protocol.ts";
import type { Terminal } from "./host.ts";
import { age, type Style, styleFor } from "./style.ts";
import { judge, peerName, placeOf, type Verdict } from "./verdict.ts";

const COLUMNS = 80;

/** @returns the table, ending with a newline */
export function renderStatus(view: DaemonView, terminal: Terminal): string {
  const style = styleFor(terminal);
  const verdict = judge(view);
  const lines = [
    headline(view, verdict, style),
    ...verdict.reasons.flatMap((reason) =>
      wrapped(reason, 4).map((line, at) => at === 0 ? `  ! ${line.trimStart()}` : line)
    ),
    "",
    ...table(
      ["NODE", "STATE", "SINCE", "HEARD", "LINKS"],
      view.engine.nodes.map((node) => nodeRow(node, style)),
      style,
    ),
    "",
    ...mediumLines(view.media, style),
    "",
    ...view.engine.groups.flatMap((group) => groupLines(view, group, style)),
    ...countLines("DROPPED", view.dropped),
    ...countLines("COUNTED", view.engine.counters),
    style.dim(clip(`  up ${age(view.uptimeMs)}, pid ${view.pid}, heartbeat ${view.version}`)),
  ];
  const text = lines.join("\n") + "\n";
  return terminal.unicode ? text : text.replace(/\P{ASCII}/gu, "?");
}

function headline(view: DaemonView, verdict: Verdict, style: Style): string {
  const { engine, media } = view;
  const paint = verdict.exit === 0 ? style.good : verdict.exit === 1 ? style.warn : style.bad;
  const normal = engine.nodes.filter((node) => node.kind === "normal").length;
  const facts = [
    engine.self,
    engine.inTransition ? "in transition" : `holds ${engine.holds}`,
    counted(normal, "node"),
    counted(media.length, "medium", "media"),
    counted(engine.groups.length, "group"),
  ];
  return `${paint(`${style.dot} ${verdict.word}`)}  ${facts.join(style.separator)}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function nodeRow(node: NodeView, style: Style): string[] {
  // Whether a node hears itself depends on the kind of medium, and tells nothing of the pair.
  const links = node.self ? [] : node.links.map(linkText);
  return [
    node.self ? `${node.name} *` : node.name,
    node.status,
    age(node.ageMs),
    node.heardMs === null ? style.none : age(node.heardMs),
    links.length === 0 ? style.none : links.join(", "),
  ];
}

/** `eth1 up 3m`, and what is wrong with it. */
function linkText({ name, status, late, ageMs, quality: { heard, lost } }: LinkView): string {
  const state = late ? "late" : status;
  const loss = lost === 0 ? "" : ` (${(100 * lost / (heard + lost)).toPrecision(2)}% lost)`;
  return `${name} ${state} ${age(ageMs)}${loss}`;
}

function mediumLines(media: readonly MediumView[], style: Style): string[] {
  const rows = media.map(({ title, usable, stats }) => {
    const errors = Object.entries(stats.sendErrors).map(([name, count]) => `${name} ${count}`);
    return [
      title,
      usable ? "up" : "down",
      String(stats.sentFrames),
      String(stats.receivedFrames),
      errors.length === 0 ? style.none : errors.join(", "),
    ];
  });
  return table(["MEDIUM", "STATE", "SENT", "RECEIVED", "ERRORS"], rows, style);
}

function groupLines(view: DaemonView, group: GroupView, style: Style): string[] {
  const title = `  GROUP ${group.key}`;
  const facts = `${whereabouts(view, group)}${style.separator}prefers ${group.node}`;
  const oneLine = `${title}   ${facts}`;
  const head = oneLine.length <= COLUMNS ? [clip(oneLine)] : [clip(title), clip(`    ${facts}`)];
  const resources = group.resources.map(({ text, running }) =>
    `    ${runningMark(running, style)} ${clip(text, COLUMNS - 6)}`
  );
  return [...head, ...resources, ""];
}

function runningMark(running: boolean | null, style: Style): string {
  if (running === null) return style.warn("?");
  return running ? style.good(style.yes) : style.dim(style.none);
}

function whereabouts(view: DaemonView, group: GroupView): string {
  const since = age(group.ageMs);
  const place = placeOf(view.engine, group);
  switch (place) {
    case "here":
      return group.status === "blocked"
        ? `blocked here for ${since}: it does not stop`
        : `here for ${since}`;
    case "both":
      return `here for ${since} AND on ${peerName(view.engine)}`;
    case "peer":
      return `on ${peerName(view.engine)}`;
    case "moving":
      return `${group.status} here for ${since}`;
    case "nowhere":
      return `${group.status} for ${since}, runs nowhere`;
    case "unknown":
      return `${group.status} here, elsewhere unknown`;
    default: {
      const never: never = place;
      return never;
    }
  }
}

function countLines(title: string, counts: Readonly<Record<string, number>>): string[] {
  const told = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`);
  return told.length === 0 ? [] : wrapped(`${title}: ${told.join(", ")}`, 2);
}

/** Aligned columns under dim titles; the last column is cut at the right edge. */
function table(titles: readonly string[], rows: readonly string[][], style: Style): string[] {
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    clip(`  ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd());
  return [style.dim(line(titles)), ...rows.map(line)];
}

/** Cuts at the right edge; what scripts printed cannot steer the terminal. */
function clip(text: string, width = COLUMNS): string {
  const safe = text.replace(/\p{C}/gu, "?");
  return safe.length <= width ? safe : `${safe.slice(0, width - 3)}...`;
}

/** Words over several lines of at most 80 columns, each indented. */
function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => clip(" ".repeat(indent) + each));
}
