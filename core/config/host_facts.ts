/**
 * What the checks want to know of this host, as lookups that the caller provides. Configuration
 * never looks itself: a lookup that is absent means that this fact is not checked.
 */

import type { MediumConfig, ResourceConfig } from "../types.ts";

export interface HostFacts {
  /** Names of the network interfaces of this host. */
  readonly interfaces?: () => readonly string[];
  /** What stands at a path: a character device, something else, or nothing (null). */
  readonly device?: (path: string) => "character" | "other" | null;
  /** The program that keeps a medium from its UDP port, or null. */
  readonly portHolder?: (medium: UdpMediumConfig) => PortHolder | null;
  /** Addresses of this host's interfaces, loopback included. */
  readonly ownAddresses?: () => readonly string[];
  /** Addresses that this host's own table has for a host name. */
  readonly addressesOf?: (host: string) => readonly string[];
  /** UDP port of a service name, for example of `ha-cluster`, or null. */
  readonly servicePort?: (name: string) => number | null;
  /** Name of the service that owns a UDP port, or null. */
  readonly serviceOfPort?: (port: number) => string | null;
  /** Whether a user, by name or number, exists. */
  readonly userExists?: (user: string) => boolean;
  /** What keeps a log file from being written, a sentence without its full stop, or null. */
  readonly logFileProblem?: (path: string) => string | null;
  /** Whether a file may be executed. */
  readonly isExecutable?: (path: string) => boolean;
  /**
   * Whether a plugin, script, built-in agent or unit of this name is there (design §6); with `OCF::`
   * before it, an OCF agent.
   */
  readonly agentExists?: (name: string) => boolean;
  /** Path of an unchanged script of the distribution that hides the built-in agent, or null. */
  readonly stockWrapper?: (name: string) => string | null;
  /** Names of the agents and scripts of this host, but for its systemd units. */
  readonly agentNames?: () => readonly string[];
  /** Which program a resource cannot do its work without, although its start succeeds, or null. */
  readonly missingProgram?: (resource: ResourceConfig) => HostProblem | null;
  /** Why the plugin of this name does not load, with its own file and line, or null. */
  readonly pluginProblem?: (name: string) => string | null;
  /** What the plugin of this name calls itself in its file, if that is another name, or null. */
  readonly pluginOwnName?: (name: string) => string | null;
  /** What the agent of a resource, if it is there, says against its arguments, or null. */
  readonly argumentProblem?: (resource: ResourceConfig) => string | null;
  /** What the OCF agent of a resource has against its parameters, or null. */
  readonly parameterProblem?: (resource: ResourceConfig) => ParameterProblem | null;
  /** Why an address has no place on this host as it is now, or null. */
  readonly addressWithoutPlace?: (resource: ResourceConfig) => HostProblem | null;
  /** Where an address is or would be, if nobody can be reached through that interface, or null. */
  readonly darkInterface?: (resource: ResourceConfig) => DarkInterface | null;
  /**
   * The interface that has the IPv4 address of a resource as a primary one, although no daemon
   * notes that it put it there, or null.
   */
  readonly fixedAddress?: (resource: ResourceConfig) => string | null;
}

export type UdpMediumConfig = Exclude<MediumConfig, { readonly kind: "serial" }>;

/** As far as this process may see it. */
export interface PortHolder {
  readonly program: string | null;
  readonly pid: number | null;
}

/** What an OCF agent has against its parameters; `problem` is one clause. */
export type ParameterProblem =
  | {
    readonly kind: "missing";
    readonly problem: string;
    readonly name: string;
    /** What the parameter is for; may be empty. */
    readonly doc: string;
  }
  | {
    readonly kind: "wrong";
    readonly problem: string;
    /** The argument, as it stands behind a `::`; null when no single one is wrong. */
    readonly arg: string | null;
    /** A name that the agent does not have, and those that it has. */
    readonly name: string | null;
    readonly known: readonly string[];
  };

/** What is wrong on this host, and what helps; each one clause. */
export interface HostProblem {
  readonly problem: string;
  readonly help: string;
}

/** An interface through which nothing goes. */
export interface DarkInterface {
  readonly name: string;
  /** Set up, but without carrier; otherwise it is down. */
  readonly up: boolean;
}

/** What the caller found out about authkeys; of the target if the path is a symbolic link. */
export interface KeyFileFacts {
  /** Permission bits, at most 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly isRegularFile: boolean;
  /** Where the link points to, or null if the path is no symbolic link. */
  readonly linkTarget: string | null;
}
