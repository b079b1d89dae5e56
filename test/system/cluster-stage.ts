// Two servers of a cluster with the same accounts, and people at each of them.
import { type Node, meet, routeTo, startMidge } from "../cluster/nodes.ts";
import type { MidgeOptions } from "../../src/config/options.ts";
import { Asker, password, PEOPLE } from "./stage.ts";

/** The accounts, and one for the clients of those who start servers. */
export const ACCOUNTS = { ...PEOPLE.accounts, TEST: { users: [{ user: "guest", password }] } };

export class Pair implements AsyncDisposable {
  readonly one: Node;
  readonly two: Node;

  private constructor(one: Node, two: Node) {
    this.one = one;
    this.two = two;
  }

  /** Both have met when this resolves. */
  static async open(options: MidgeOptions = {}): Promise<Pair> {
    const all = { systemAccount: "SYS", accounts: ACCOUNTS, noAuthUser: "guest", ...options };
    const one = await startMidge("one", {}, all);
    const two = await startMidge("two", { routes: [routeTo(one)] }, all);
    await meet(one, two);
    return new Pair(one, two);
  }

  get nodes(): readonly [Node, Node] {
    return [this.one, this.two];
  }

  join(node: Node, user: string): Promise<Asker> {
    return Asker.join(node.port, user);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.two.stop();
    await this.one.stop();
  }
}
