// A subscription as /connz and /subsz show it (monitoring §6.5).
import type { SubscriptionView } from "./source.ts";
import { decoded } from "./texts.ts";

/** Where it is shown outside of its connection, its account is named. */
export function subscriptionRow(view: SubscriptionView, isAccountShown: boolean) {
  const { account, queue, max } = view;
  return {
    ...(isAccountShown && account !== "" ? { account, account_tag: account } : {}),
    subject: decoded(view.subject),
    ...(queue === null || queue === "" ? {} : { qgroup: decoded(queue) }),
    sid: decoded(view.sid),
    msgs: view.delivered,
    ...(max > 0 ? { max } : {}),
    cid: view.cid,
  };
}
