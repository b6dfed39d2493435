/**
 * Two hosts with one UDP medium each, both usable: the ground of most stories about such media.
 */
import type { MediumConfig } from "../../core/types.ts";
import { Lab, MediumChild } from "./lab.ts";

export class UdpPair implements AsyncDisposable {
  private constructor(
    readonly lab: Lab,
    readonly a: MediumChild,
    readonly b: MediumChild,
  ) {}

  static async open(ofA: MediumConfig, ofB: MediumConfig): Promise<UdpPair> {
    const lab = new Lab();
    const pair = new UdpPair(lab, new MediumChild(lab.a, [ofA]), new MediumChild(lab.b, [ofB]));
    try {
      await pair.a.openUsable();
      await pair.b.openUsable();
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.b[Symbol.asyncDispose]();
    await this.a[Symbol.asyncDispose]();
    this.lab[Symbol.dispose]();
  }
}
