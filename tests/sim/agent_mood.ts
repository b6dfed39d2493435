/** How well the agents of a simulated host work. */
/** How the agents of a host behave at the moment. */
export interface AgentMood {
  failStart: number;
  failStop: number;
  failStatus: number;
  /** Part of the operations that hang until their deadline. */
  hang: number;
  minMs: number;
  maxMs: number;
}

export const GOOD_MOOD: AgentMood = {
  failStart: 0,
  failStop: 0,
  failStatus: 0,
  hang: 0,
  minMs: 1,
  maxMs: 300,
};
