/**
 * Draws one answer of the daemon as a table as wide as the terminal: verdict first, then nodes with
 * their links, media and groups, an age with everything. It prints nothing that the answer does
 * not hold.
 */
import type { GroupView, LinkQualityView, NodeView } from "../engine/view.ts";
import type { DaemonView, MediumView } from "../runtime/protocol.ts";
import type { Terminal } from "./host.ts";
import { droppedText } from "./dropped_packets.ts";
import { clip, tableLines, wrapped } from "./layout.ts";
import { age, type Style, styleFor } from "./style.ts";
import { judge, peerName, placeOf, type Verdict } from "./verdict.ts";

/** What every part of the table needs to know of where it is shown. */
interface Page {
  readonly style: Style;
  readonly columns: number;
}

/** @returns the table, ending with a newline */
export function renderStatus(view: DaemonView, terminal: Terminal): string {
  const page = { style: styleFor(terminal), columns: terminal.columns };
  const { style } = page;
  const verdict = judge(view);
  const version = `  up ${age(view.uptimeMs)}, pid ${view.pid}, heartbeat ${view.version}`;
  const lines = [
    ...headline(view, verdict, page),
    ...verdict.reasons.flatMap((reason) =>
      wrapped(reason, 4, page.columns).map((line, at) =>
        at === 0 ? `  ! ${line.trimStart()}` : line
      )
    ),
    "",
    ...table(
      ["NODE", "STATE", "SINCE", "HEARD", "LOST"],
      view.engine.nodes.flatMap((node) => nodeRows(node, style)),
      page,
    ),
    "",
    ...mediumLines(view.media, page),
    "",
    ...view.engine.groups.flatMap((group) => groupLines(view, group, page)),
    ...droppedLines(view, page),
    style.dim(clip(version, page.columns)),
  ];
  const text = lines.join("\n") + "\n";
  return terminal.unicode ? text : text.replace(/\P{ASCII}/gu, "?");
}

function headline(view: DaemonView, verdict: Verdict, page: Page): string[] {
  const { style } = page;
  const { engine, media } = view;
  const paint = verdict.exit === 0 ? style.good : verdict.exit === 1 ? style.warn : style.bad;
  const normal = engine.nodes.filter((node) => node.kind === "normal").length;
  const started = engine.groups.filter(({ status }) => status === "started").length;
  const total = counted(engine.groups.length, "group");
  const facts = [
    engine.self,
    engine.inTransition ? "in transition" : `runs ${started} of ${total}`,
    counted(normal, "node"),
    counted(media.length, "medium", "media"),
  ];
  const word = `${style.dot} ${verdict.word}`;
  const text = facts.join(style.separator);
  return word.length + 2 + text.length <= page.columns
    ? [`${paint(word)}  ${text}`]
    : [paint(word), ...wrapped(text, 2, page.columns)];
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A node, and below it each link on which it can be heard. */
function nodeRows(node: NodeView, style: Style): string[][] {
  const heard = (ms: number | null) => ms === null ? style.none : age(ms);
  const title = node.self ? `${node.name} *` : node.name;
  // Whether a node hears itself depends on the kind of medium, and tells nothing of the pair.
  const links = node.self ? [] : node.links;
  return [
    [title, node.left ? "left" : node.status, age(node.ageMs), heard(node.heardMs), ""],
    ...links.map(({ name, status, late, ageMs, heardMs, quality }) => [
      `  ${name}`,
      late ? "late" : status,
      age(ageMs),
      heard(heardMs),
      lossText(quality, style),
    ]),
  ];
}

function lossText({ heard, lost }: LinkQualityView, style: Style): string {
  return lost === 0 ? style.none : `${(100 * lost / (heard + lost)).toPrecision(2)}%`;
}

function mediumLines(media: readonly MediumView[], page: Page): string[] {
  const { style } = page;
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
  return table(["MEDIUM", "STATE", "SENT", "RECEIVED", "ERRORS"], rows, page);
}

function groupLines(view: DaemonView, group: GroupView, page: Page): string[] {
  const { style, columns } = page;
  const title = `  GROUP ${group.key}`;
  const facts = `${whereabouts(view, group)}${style.separator}prefers ${group.node}`;
  const oneLine = `${title}   ${facts}`;
  const head = oneLine.length <= columns
    ? [clip(oneLine, columns)]
    : [clip(title, columns), ...wrapped(facts, 4, columns)];
  const isGone = (text: string) =>
    view.addresses?.some(({ resource, gone }) => gone && resource === text) ?? false;
  const resources = group.resources.map(({ text, running, denied }) => {
    const mark = runningMark(denied ? null : running && !isGone(text), style);
    return `    ${mark} ${clip(text, columns - 6)}`;
  });
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
      return `on ${peerName(view.engine)}${peerStateText(group)}`;
    case "starting there":
      return `starting on ${peerName(view.engine)} for ${age(group.peer?.ageMs ?? 0)}`;
    case "stopping there":
      return `stopped here, stopping on ${peerName(view.engine)}`;
    case "between":
      return `stopped here for ${since}, a move is under way`;
    case "apart":
      return `${group.status} here, elsewhere unknown: haresources differs`;
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

function peerStateText({ peer }: GroupView): string {
  if (peer?.state === "blocked") return `, blocked for ${age(peer.ageMs)}`;
  return peer?.state === "partial" ? `, only in part for ${age(peer.ageMs)}` : "";
}

function droppedLines({ dropped }: DaemonView, { style, columns }: Page): string[] {
  const told = Object.entries(dropped).filter(([, count]) => count > 0);
  if (told.length === 0) return [];
  const lines = told.flatMap(([cause, count]) => wrapped(droppedText(cause, count), 4, columns));
  return [style.dim("  DROPPED"), ...lines, ""];
}

function table(titles: readonly string[], rows: readonly string[][], page: Page): string[] {
  const [first = [], ...others] = tableLines({ titles, rows }, page.columns);
  return [...first.map(page.style.dim), ...others.flat()];
}
