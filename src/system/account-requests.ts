// What is asked about accounts (monitoring §21.1), by an administrator or by a user about the own one.

import { accountz } from "../http/accountz.ts";
import { accstatz } from "../http/accstatz.ts";
import { ask } from "../http/context.ts";
import { leafz } from "../http/leafz.ts";
import { toJson } from "../proto/format.ts";
import { type Data, type Desk, Failure } from "./desk.ts";
import { readBody } from "./options.ts";
import { connections, subscriptions } from "./server-requests.ts";
import type { AccountName } from "./subjects.ts";

/** Throws a BadBody, a BadParameter or a Failure. */
export async function answerAccount(
  desk: Desk,
  name: Exclude<AccountName, "CONNS">,
  account: string,
  payload: Buffer,
): Promise<Data> {
  const { context } = desk;
  switch (name) {
    case "CONNZ":
      return connections(desk, payload, account);
    case "SUBSZ":
      return subscriptions(desk, payload, account);
    case "LEAFZ":
      return (await ask(leafz, context)).text;
    case "JSZ":
      throw new Failure(500, "jetstream not enabled");
    case "INFO": {
      const { text } = await ask(accountz, context, { acc: account });
      return toJson(JSON.parse(text).account_detail);
    }
    case "STATZ": {
      const { include_unused: unused = false } = readBody(payload, STATISTICS);
      return statistics(desk, (each) => each === account, unused);
    }
  }
}

const STATISTICS = { accounts: "texts", include_unused: "yes or no" } as const;

/** Of those that are named, or of all. */
export function answerAllAccounts(desk: Desk, payload: Buffer): Promise<Data> {
  const { accounts = [], include_unused: unused = false } = readBody(payload, STATISTICS);
  const isWanted = (name: string) => accounts.length === 0 || accounts.includes(name);
  return statistics(desk, isWanted, unused);
}

/** Nothing where there is nothing to tell. */
async function statistics(
  { context }: Desk,
  isWanted: (account: string) => boolean,
  unused: boolean,
): Promise<Data> {
  const answer = JSON.parse((await ask(accstatz, context, { unused })).text);
  answer.account_statz = answer.account_statz.filter(({ acc }: { acc: string }) => isWanted(acc));
  return answer.account_statz.length === 0 && !unused ? null : toJson(answer);
}
