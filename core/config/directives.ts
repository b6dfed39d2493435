/**
 * THE table of ha.cf: every directive that heartbeat 1.0 to 3.0.6 knows (config-files §2), with
 * what the parser and the manual need to know of it. To switch on a directive whose machinery has
 * come, write `active` before its row.
 */

import { MAX_TIME_MS, type Syntax } from "./syntax.ts";

/**
 * `active`: works. `accepted`: checked, machinery comes later. `ignored`: no meaning here, ever.
 */
export type DirectiveState = "active" | "accepted" | "ignored";

export interface Directive {
  readonly name: string;
  readonly syntax: Syntax;
  /** As one would write it; null if there is none or it depends on other directives (see doc). */
  readonly default: string | null;
  /** First release line of the original that knows it. */
  readonly since: string;
  readonly state: DirectiveState;
  /** `medium`: carries heartbeats. `ping`: names hosts outside the cluster. Null: neither. */
  readonly group: "medium" | "ping" | null;
  /** `last`: the last one counts. `once`: a second one is an error. `many`: they add up. */
  readonly repeat: "last" | "once" | "many";
  /** A whole line that is right; of another directive where that replaces this one. */
  readonly example: string;
  /** One paragraph of what it does. */
  readonly doc: string;
  /** What follows from not being active. */
  readonly meanwhile: string | null;
}

const ANY = Number.MAX_SAFE_INTEGER;
const FACILITIES = ("auth authpriv cron daemon ftp kern lpr mail news syslog user uucp " +
  "local0 local1 local2 local3 local4 local5 local6 local7 none").split(" ");

/** All speeds of termios; the first are those of the original. */
const BAUD: Syntax = {
  kind: "choice",
  values: ["9600", "19200", "38400", "57600", "115200", "230400", "460800"],
  ignoreCase: false,
  ours: ("50 75 110 134 150 200 300 600 1200 1800 2400 4800 500000 576000 921600 1000000 " +
    "1152000 1500000 2000000 2500000 3000000 3500000 4000000").split(" "),
};

const TIME: Syntax = { kind: "time" };
const BOOLEAN: Syntax = { kind: "boolean", also: [] };
const PACEMAKER: Syntax = { kind: "boolean", also: ["manual", "respawn"] };
const WORD: Syntax = { kind: "word" };
const PATH: Syntax = { kind: "path" };
const WORDS: Syntax = { kind: "list", of: "word" };
const PATHS: Syntax = { kind: "list", of: "path" };
const LINE: Syntax = { kind: "line" };

function integer(min: number, max: number): Syntax {
  return { kind: "integer", min, max };
}

function choice(...values: readonly string[]): Syntax {
  return { kind: "choice", values, ignoreCase: false };
}

function choiceOfAnyCase(...values: readonly string[]): Syntax {
  return { kind: "choice", values, ignoreCase: true };
}

type Details =
  & Pick<Directive, "example" | "doc">
  & Partial<Pick<Directive, "default" | "repeat" | "meanwhile" | "group">>;

const rowOf =
  (state: DirectiveState) =>
  (name: string, syntax: Syntax, since: string, details: Details): Directive => ({
    name,
    syntax,
    since,
    state,
    default: null,
    repeat: "last",
    meanwhile: null,
    group: null,
    ...details,
  });

const active = rowOf("active");
const accepted = rowOf("accepted");
const ignored = rowOf("ignored");

/** All directives, in the order of the manual. */
export const DIRECTIVES: readonly Directive[] = [
  active("node", WORDS, "1.0", {
    repeat: "many",
    example: "node ha1 ha2",
    doc: "Names the members of the cluster as `uname -n` gives them on each host; case " +
      "does not matter. This host must be among them, and haresources mode needs " +
      "exactly two.",
  }),
  active("keepalive", TIME, "1.0", {
    default: "1000ms",
    example: "keepalive 500ms",
    doc: "Time between two heartbeats of this host.",
  }),
  active("deadtime", TIME, "1.0", {
    default: "30000ms",
    example: "deadtime 10",
    doc: "Silence after which the peer counts as dead and its groups are taken over. Must " +
      "be greater than twice keepalive.",
  }),
  active("warntime", TIME, "1.0", {
    example: "warntime 5",
    doc: "Silence after which a late heartbeat is logged; half of deadtime if not given.",
  }),
  active("initdead", TIME, "1.0", {
    example: "initdead 30",
    doc: "Deadtime for a peer that was never heard since our own start; covers slow " +
      "booting networks. If not given: deadtime when that is above 10 s, 12 s when it " +
      "is below 6 s, else twice deadtime.",
  }),
  accepted("deadping", TIME, "1.1", {
    example: "deadping 10",
    doc: "Silence after which a ping node counts as dead; deadtime if not given.",
    meanwhile: "no ping node is watched yet",
  }),
  active("hopfudge", integer(0, 255), "1.0", {
    default: "1",
    example: "hopfudge 1",
    doc: "Added to the number of nodes to limit how often a serial ring forwards a " +
      "message.",
  }),
  active("auto_failback", { kind: "boolean", also: ["legacy"] }, "1.1", {
    default: "legacy",
    example: "auto_failback on",
    doc: "Whether a group goes home when its preferred node returns: on (at once, in an " +
      "orderly way), off (it stays) or legacy (it goes home the abrupt way of 1.0).",
  }),
  active("nice_failback", BOOLEAN, "1.0", {
    example: "auto_failback off",
    doc: "Spelling of 1.0: on means auto_failback off, off means auto_failback legacy. A " +
      "line auto_failback wins over it.",
  }),
  active("udpport", integer(1, 65535), "1.0", {
    default: "694",
    example: "udpport 694",
    doc: "UDP port of the bcast, ucast and ucast6 lines below it: each of the three takes it at " +
      "its first line. If not given there: the service ha-cluster of this host, else 694.",
  }),
  active("baud", BAUD, "1.0", {
    default: "19200",
    repeat: "once",
    example: "baud 19200",
    doc: "Speed of all serial lines; stands above the first of them. Any speed of the system " +
      "works; the original knows the seven from 9600 to 460800.",
  }),
  active("serial", PATHS, "1.0", {
    group: "medium",
    repeat: "many",
    example: "serial /dev/ttyS0",
    doc: "Serial line with a null-modem cable to the peer.",
  }),
  active("bcast", WORDS, "1.0", {
    group: "medium",
    repeat: "many",
    example: "bcast eth1",
    doc: "Interfaces on which heartbeats are broadcast.",
  }),
  active("udp", WORDS, "1.0", {
    group: "medium",
    repeat: "many",
    example: "bcast eth1",
    doc: "Spelling of 1.0 for bcast.",
  }),
  active("mcast", LINE, "1.0", {
    group: "medium",
    repeat: "many",
    example: "mcast eth0 239.0.0.1 694 1 0",
    doc: "Multicast: interface, IPv4 group, port, ttl 0 to 4, loop 0 or 1.",
  }),
  active("mcast6", LINE, "3.0", {
    group: "medium",
    repeat: "many",
    example: "mcast6 eth0 ff02::1:77 694 1 0",
    doc: "Multicast: interface, IPv6 group, port, hops 0 to 4, loop 0 or 1.",
  }),
  active("ucast", LINE, "1.0", {
    group: "medium",
    repeat: "many",
    example: "ucast eth0 192.168.1.2",
    doc: "Unicast: interface and the peer's address or name.",
  }),
  active("ucast6", LINE, "3.0.6", {
    group: "medium",
    repeat: "many",
    example: "ucast6 eth0 fe80::2",
    doc: "Unicast: interface and the peer's IPv6 address.",
  }),
  accepted("ping", WORDS, "1.0", {
    group: "ping",
    repeat: "many",
    example: "ping 192.168.1.254",
    doc: "Hosts outside the cluster that show whether our own network works.",
    meanwhile: "no ping node is watched yet",
  }),
  accepted("ping6", WORDS, "3.0.6", {
    group: "ping",
    repeat: "many",
    example: "ping6 fe80::1",
    doc: "IPv6 hosts outside the cluster that show whether our own network works.",
    meanwhile: "no ping node is watched yet",
  }),
  accepted("ping_group", LINE, "1.1", {
    group: "ping",
    repeat: "many",
    example: "ping_group gateways 10.0.0.1 10.0.0.2",
    doc: "One ping node under a name, alive while any of its hosts answers.",
    meanwhile: "no ping node is watched yet",
  }),
  ignored("ppp-udp", LINE, "1.0", {
    repeat: "many",
    example: "bcast eth1",
    doc: "IP over PPP on a serial line; removed from the original in 2.1.",
    meanwhile: "no heartbeat travels on this line",
  }),
  ignored("hbaping", WORD, "2.0", {
    repeat: "many",
    example: "ping 192.168.1.254",
    doc: "Fibre-channel ping; needs hardware support that this program does not have.",
  }),
  accepted("watchdog", PATH, "1.0", {
    repeat: "once",
    example: "watchdog /dev/watchdog",
    doc: "Device that resets this host when the daemon hangs.",
    meanwhile: "a hanging daemon does not reset this host yet",
  }),
  accepted("stonith", LINE, "1.0", {
    repeat: "many",
    example: "stonith apcsmart /etc/ha.d/apcsmart.cfg",
    doc: "Device that can switch the peer off: type and its configuration file.",
    meanwhile: "no node is fenced yet",
  }),
  accepted("stonith_host", LINE, "1.0", {
    repeat: "many",
    example: "stonith_host * apcsmart ha2 /dev/ttyS1",
    doc: "The same for one host or all (*): host, type, parameters of the type.",
    meanwhile: "no node is fenced yet",
  }),
  accepted("respawn", LINE, "1.0", {
    repeat: "many",
    example: "respawn root /usr/local/bin/client",
    doc: "Program that is started with the daemon and restarted when it ends: user, " +
      "absolute command line.",
    meanwhile: "the program is not started yet",
  }),
  accepted("failfast", LINE, "2.1", {
    repeat: "many",
    example: "failfast root /usr/local/bin/client",
    doc: "Like respawn, but an abnormal end of the program reboots this host.",
    meanwhile: "the program is not started yet",
  }),
  accepted("apiauth", LINE, "1.2", {
    repeat: "many",
    example: "apiauth client uid=root gid=haclient",
    doc: "Who may use the client interface under a name: lists of users and groups.",
    meanwhile: "the client interface is not there yet",
  }),
  active("logfile", PATH, "1.0", {
    example: "logfile /var/log/ha-log",
    doc: "File for messages; without debugfile also for what programs print. Without any log " +
      "directive: /var/log/ha-log.",
  }),
  active("debugfile", PATH, "1.0", {
    example: "debugfile /var/log/ha-debug",
    doc: "File for messages including debug ones, and for what programs print. Without any log " +
      "directive: /var/log/ha-debug.",
  }),
  active("logfacility", choice(...FACILITIES), "1.0", {
    example: "logfacility local0",
    doc: "Syslog facility for messages, or none.",
  }),
  accepted("use_logd", BOOLEAN, "2.0", {
    example: "logfile /var/log/ha-log",
    doc: "Send messages to the separate logging daemon of the original.",
    meanwhile: "messages go to the log files and to syslog",
  }),
  accepted("conn_logd_time", TIME, "2.0", {
    example: "conn_logd_time 60",
    doc: "Time between two attempts to reach the logging daemon.",
    meanwhile: "there is no logging daemon to reach",
  }),
  active("syslogmsgfmt", BOOLEAN, "2.1", {
    default: "true",
    example: "syslogmsgfmt on",
    doc: "Whether log lines have the format of syslog.",
  }),
  active("debug", integer(0, 255), "1.1", {
    default: "0",
    example: "debug 1",
    doc: "How much debug output is written; 0 is none.",
  }),
  active("log_badpack", BOOLEAN, "2.0", {
    default: "true",
    example: "log_badpack on",
    doc: "Whether malformed and unauthentic packets are logged.",
  }),
  active("msgfmt", choice("classic", "netstring"), "1.2.3", {
    default: "classic",
    example: "msgfmt classic",
    doc: "Form of messages on the wire.",
  }),
  accepted("compression", choice("zlib", "bz2"), "2.0.7", {
    example: "compression zlib",
    doc: "Method by which large messages are compressed.",
    meanwhile: "messages are sent as they are",
  }),
  accepted("compression_threshold", integer(1, ANY), "2.0.7", {
    example: "compression_threshold 2",
    doc: "Size in KiB above which a message is compressed.",
    meanwhile: "messages are sent as they are",
  }),
  accepted("traditional_compression", BOOLEAN, "2.0.7", {
    example: "traditional_compression off",
    doc: "Whether whole messages are compressed instead of fields.",
    meanwhile: "messages are sent as they are",
  }),
  active("max_rexmit_delay", integer(1, MAX_TIME_MS), "2.0.7", {
    default: "250",
    example: "max_rexmit_delay 250",
    doc: "Longest wait in milliseconds before a lost message is asked for again; no unit.",
  }),
  active("hbgenmethod", choice("file", "time"), "1.1", {
    default: "file",
    example: "hbgenmethod file",
    doc: "Where the generation number of a start comes from: a counter in a file, or the " +
      "clock.",
  }),
  active("uuidfrom", choice("file", "nodename"), "2.0.7", {
    default: "file",
    example: "uuidfrom file",
    doc: "Where the identity of this node comes from: a file, or its name.",
  }),
  active("realtime", BOOLEAN, "1.1", {
    default: "true",
    example: "realtime on",
    doc: "Whether the daemon runs with real-time priority and locked memory.",
  }),
  active("rtprio", integer(1, 99), "1.0", {
    default: "1",
    example: "rtprio 1",
    doc: "Real-time priority of the daemon.",
  }),
  ignored("memreserve", integer(1, ANY), "2.0.7", {
    example: "memreserve 6500",
    doc: "Memory in KiB that the original reserves at its start.",
  }),
  ignored("normalpoll", BOOLEAN, "1.1", {
    example: "normalpoll on",
    doc: "How the original waits for input.",
  }),
  accepted("coredumps", BOOLEAN, "2.0", {
    example: "coredumps on",
    doc: "Whether a crash leaves a core file.",
    meanwhile: "the limits of the host apply",
  }),
  accepted("coreroot", PATH, "2.0", {
    example: "coreroot /var/lib/heartbeat/cores",
    doc: "Directory for core files.",
    meanwhile: "the settings of the host apply",
  }),
  ignored("use_apphbd", BOOLEAN, "2.0", {
    example: "use_apphbd off",
    doc: "Whether the original reports to its application heartbeat daemon.",
  }),
  active("cluster", WORD, "2.0.7", {
    default: "linux-ha",
    example: "cluster linux-ha",
    doc: "Name of the cluster, for people only.",
  }),
  ignored("quorum_server", WORD, "2.1", {
    example: "quorum_server qhost",
    doc: "Quorum server of the original's Pacemaker mode.",
  }),
  active("autojoin", choiceOfAnyCase("none", "other", "any"), "2.0.7", {
    default: "none",
    example: "autojoin none",
    doc: "Whether unlisted nodes may join; haresources mode knows only none.",
  }),
  active("crm", PACEMAKER, "2.0", {
    default: "false",
    example: "crm off",
    doc: "Pacemaker mode; only off exists here.",
  }),
  active("pacemaker", PACEMAKER, "3.0", {
    example: "pacemaker off",
    doc: "The same as crm.",
  }),
  accepted("env", WORDS, "2.0.7", {
    repeat: "many",
    example: "env NAME=value",
    doc: "Environment variable HA_NAME for programs that the daemon starts.",
    meanwhile: "the variable is not passed on yet",
  }),
  ignored("record_config_changes", BOOLEAN, "2.0.7", {
    example: "record_config_changes on",
    doc: "Whether Pacemaker records configuration changes.",
  }),
  ignored("record_pengine_inputs", BOOLEAN, "2.0.7", {
    example: "record_pengine_inputs on",
    doc: "Whether Pacemaker records scheduler inputs.",
  }),
  ignored("enable_config_writes", BOOLEAN, "2.0.7", {
    example: "enable_config_writes on",
    doc: "Whether Pacemaker writes its configuration to disk.",
  }),
  ignored("crm_daemon_dir", PATH, "3.0.6", {
    example: "crm_daemon_dir /usr/libexec/pacemaker",
    doc: "Where the daemons of Pacemaker are.",
  }),
  ignored("crmd_spawns_pengine", BOOLEAN, "3.0.6", {
    example: "crmd_spawns_pengine on",
    doc: "Which daemon of Pacemaker starts its scheduler.",
  }),
];

const BY_NAME: ReadonlyMap<string, Directive> = new Map(DIRECTIVES.map((one) => [one.name, one]));

/** The row of a name; names are case-sensitive (config-files §1). */
export function findDirective(name: string): Directive | undefined {
  return BY_NAME.get(name);
}
