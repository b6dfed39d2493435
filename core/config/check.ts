/**
 * The whole configuration: three classic texts, the optional heartbeat.toml and facts of this host
 * in, a checked configuration and everything there is to say about it out. Reads nothing, changes
 * nothing.
 */

import type { ClusterConfig, MediumConfig } from "../types.ts";
import { parseAuthkeys, type PlacedKeys, redactKeys } from "./authkeys.ts";
import { checkClients } from "./clients.ts";
import { type Diagnostic, refuses, Report, sortDiagnostics } from "./diagnostics.ts";
import { readGroups } from "./groups.ts";
import { type HaCf, parseHaCf } from "./ha_cf.ts";
import { parseHaresources } from "./haresources.ts";
import { type Deadlines, DEFAULT_TOML, parseHeartbeatToml } from "./heartbeat_toml.ts";
import type {
  ConfigurationInput,
  HeartbeatConfig,
  LogConfig,
  TextFile,
} from "./heartbeat_config.ts";
import { withVisibleBlanks, withVisibleBlanksBeforeKeys } from "./invisible.ts";
import { checkKeyFile, makeKeyFile } from "./key_file.ts";
import { type MediumEntry, readMedia } from "./media.ts";
import { udpPortOf } from "./media_values.ts";
import { checkMediaOnHost } from "./media_on_host.ts";
import { type Nodes, readNodes } from "./nodes.ts";
import { readParameters } from "./parameters.ts";
import { checkPingNodes } from "./ping_nodes.ts";
import { checkSerialLines } from "./serial_lines.ts";
import type { Settings } from "./settings.ts";
import { createSource, type Source } from "./source.ts";
import { readTiming } from "./timing.ts";
import {
  checkLogFiles,
  checkMedia,
  checkMethods,
  checkModes,
  checkPort,
  readAutoFailback,
} from "./validate.ts";

export interface CheckedConfiguration {
  /** Null if no daemon starts with what the diagnostics say. */
  readonly config: HeartbeatConfig | null;
  /** Sorted by file and place. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Longest text that is looked at; real files have some thousand characters. */
const MAX_TEXT_CHARS = 256 * 1024;

const HA_CF_HELP = '"heartbeat init" writes it';

/** Log files of 1.0, used when no directive says where messages go (config-files §9). */
const DEFAULT_LOGFILE = "/var/log/ha-log";
const DEFAULT_DEBUGFILE = "/var/log/ha-debug";

/** Checks all files and reports all problems of all of them; never throws on any text. */
export function checkConfiguration(input: ConfigurationInput): CheckedConfiguration {
  const report = new Report();
  const host = checkHaCf(input, report);
  const keys = checkAuthkeys(input, host?.media ?? [], report);
  const haresources = requiredSource(
    input.haresources,
    `create ${input.haresources.path}; an empty file is fine`,
    report,
  );
  const placed = haresources === null
    ? []
    : parseHaresources(withVisibleBlanks(haresources, report), report);
  const groups = readGroups(placed, host?.knownNodes ?? null, input.facts, report);
  if (host !== null) checkPingNodes(host, placed, input.facts, report);
  const toml = boundedSource(input.heartbeatToml, report);
  const { deadlines, rtscts } = toml === null ? DEFAULT_TOML : parseHeartbeatToml(toml, report);

  const refused = report.findings.some(refuses);
  const config = refused || host === null || keys === null ? null : {
    ...host.config,
    media: host.config.media.map((medium) => withFlowControl(medium, rtscts)),
    cluster: { ...host.cluster, ...deadlines, groups },
    keys: keys.keys,
  };
  return { config, diagnostics: sortDiagnostics(report.findings) };
}

function withFlowControl(medium: MediumConfig, rtscts: boolean): MediumConfig {
  return rtscts && medium.kind === "serial" ? { ...medium, rtscts } : medium;
}

/** What ha.cf alone decides. */
interface HostPart {
  readonly haCf: HaCf;
  readonly nodes: Nodes;
  /** Null when a line of them was not understood, so that others cannot be judged by them. */
  readonly knownNodes: Nodes | null;
  readonly media: readonly MediumEntry[];
  readonly cluster: Omit<ClusterConfig, keyof Deadlines | "groups">;
  readonly config: Omit<HeartbeatConfig, "cluster" | "keys">;
}

function checkHaCf(input: ConfigurationInput, report: Report): HostPart | null {
  const written = requiredSource(input.haCf, HA_CF_HELP, report);
  if (written === null) return null;
  const source = withVisibleBlanks(written, report);
  const haCf = parseHaCf(source, report);
  const { settings } = haCf;
  const nodeinfo = boundedSource(input.nodeinfo, report)?.text.split("\n")[0]?.trim() ?? "";
  const [hostName, origin] = nodeinfo === ""
    ? [input.uname, "uname -n"] as const
    : [nodeinfo, "nodeinfo"] as const;
  const nodes = readNodes(haCf, source, hostName, origin, report);
  const timing = readTiming(settings, source, report);
  const media = readMedia(haCf, input.facts, report);
  checkMedia(media, haCf, source, report);
  checkMediaOnHost(media, nodes, input.facts, report);
  checkSerialLines(media, nodes, timing, settings, report);
  checkClients(haCf, input.facts, report);
  checkModes(settings, report);
  checkPort(settings, input.facts, report);
  checkLogFiles(settings, input.facts, report);
  return {
    haCf,
    nodes,
    knownNodes: settings.readable("node") ? nodes : null,
    media,
    cluster: {
      self: nodes.self,
      nodes: nodes.names,
      pingNodes: nodes.activePingNames,
      keepaliveMs: timing.keepaliveMs,
      warntimeMs: timing.warntimeMs,
      deadtimeMs: timing.deadtimeMs,
      initdeadMs: timing.initdeadMs,
      hopFudge: settings.number("hopfudge"),
      maxRexmitDelayMs: settings.number("max_rexmit_delay"),
      autoFailback: readAutoFailback(settings, report),
    },
    config: {
      media: media.map(({ config }) => config),
      log: readLog(settings),
      realtime: {
        enabled: settings.flag("realtime"),
        priority: settings.number("rtprio"),
      },
      generationMethod: settings.oneOf("hbgenmethod", ["file", "time"]),
      uuidFrom: settings.oneOf("uuidfrom", ["file", "nodename"]),
      messageFormat: settings.oneOf("msgfmt", ["classic", "netstring"]),
      parameters: readParameters(settings, timing, udpPortOf(haCf, input.facts)),
    },
  };
}

function readLog(settings: Settings): LogConfig {
  const facility = settings.word("logfacility");
  const logfile = settings.word("logfile");
  const debugfile = settings.word("debugfile");
  const nowhere = logfile === null && debugfile === null &&
    (facility === null || facility === "none");
  return {
    logfile: nowhere ? DEFAULT_LOGFILE : logfile,
    debugfile: nowhere ? DEFAULT_DEBUGFILE : debugfile,
    facility: facility === "none" ? null : facility,
    syslogFormat: settings.flag("syslogmsgfmt"),
    debugLevel: settings.number("debug"),
    logBadPackets: settings.flag("log_badpack"),
  };
}

function checkAuthkeys(
  input: ConfigurationInput,
  media: readonly MediumEntry[],
  report: Report,
): PlacedKeys | null {
  const { authkeys } = input;
  const source = requiredSource(authkeys, makeKeyFile(authkeys.path), report, redactKeys);
  if (source === null) return null;
  if (authkeys.facts !== null) {
    checkKeyFile(authkeys.path, authkeys.facts, input.processUid, report);
  }
  const keys = parseAuthkeys(withVisibleBlanksBeforeKeys(source, report), report);
  if (keys !== null) checkMethods(keys, media, report);
  return keys;
}

function requiredSource(
  file: TextFile,
  help: string,
  report: Report,
  redact?: (line: string) => string,
): Source | null {
  if (file.text === null && file.trouble === undefined) {
    report.error("HB101", file.path, {
      title: `Cannot find ${file.path}`,
      help,
    });
  }
  return boundedSource(file, report, redact);
}

function boundedSource(
  file: TextFile,
  report: Report,
  redact?: (line: string) => string,
): Source | null {
  const { trouble } = file;
  if (trouble !== undefined) {
    report.error(trouble.denied ? "HB117" : "HB118", file.path, {
      title: trouble.sentence,
      help: trouble.help ?? undefined,
    });
  }
  if (file.text === null) return null;
  if (file.text.length <= MAX_TEXT_CHARS) return createSource(file.path, file.text, redact);
  report.error("HB102", file.path, {
    title: `Cannot use ${file.path}: it has ${file.text.length} characters, ` +
      `${MAX_TEXT_CHARS} is the limit`,
    help: "make sure that this is the right file",
  });
  return null;
}
