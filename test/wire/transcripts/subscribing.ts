// SUB and UNSUB: sids, auto-unsubscribe, limits (client protocol §6).
import type { Transcript } from "../transcripts.ts";

const PUBLISH = "PUB foo 0\r\n\r\n";
const quiet = { connect: {} };

export const subscribing: readonly Transcript[] = [
  {
    ...quiet,
    name: "a subscription hears what is published",
    says: "SUB foo 1\r\nPUB foo 5\r\nhello\r\n",
    hears: "MSG foo 1 5\r\nhello\r\n",
  },
  {
    ...quiet,
    name: "nothing is heard before SUB and after UNSUB",
    says: `${PUBLISH}SUB foo 1\r\n${PUBLISH}UNSUB 1\r\n${PUBLISH}`,
    hears: "MSG foo 1 0\r\n\r\n",
  },
  {
    ...quiet,
    name: "a sid is any token",
    says: `SUB foo a.b-c_\xc3\xa9>*"\r\n${PUBLISH}`,
    hears: 'MSG foo a.b-c_\xc3\xa9>*" 0\r\n\r\n',
  },
  {
    ...quiet,
    name: "sids differ by case",
    says: `SUB foo A\r\nSUB foo.x a\r\nUNSUB a\r\n${PUBLISH}`,
    hears: "MSG foo A 0\r\n\r\n",
  },
  {
    ...quiet,
    name: "sids differ by leading zeros",
    says: `SUB foo 1\r\nSUB foo.x 01\r\nUNSUB 01\r\n${PUBLISH}`,
    hears: "MSG foo 1 0\r\n\r\n",
  },
  {
    ...quiet,
    name: "a sid in use keeps its first subject",
    says: "SUB foo 1\r\nSUB foo.bar 1\r\nPUB foo 0\r\n\r\nPUB foo.bar 0\r\n\r\n",
    hears: "MSG foo 1 0\r\n\r\n",
  },
  {
    ...quiet,
    name: "a sid in use is not made a queue member",
    says: `SUB foo 1\r\nSUB foo q 1\r\n${PUBLISH}`,
    hears: "MSG foo 1 0\r\n\r\n",
  },
  {
    name: "verbose says +OK even to a sid in use",
    says: "SUB foo 1\r\nSUB foo.bar 1\r\n",
    hears: "+OK\r\n+OK\r\n",
  },
  {
    ...quiet,
    name: "a sid is free again after UNSUB",
    says: "SUB foo 1\r\nUNSUB 1\r\nSUB foo.bar 1\r\nPUB foo 0\r\n\r\nPUB foo.bar 0\r\n\r\n",
    hears: "MSG foo.bar 1 0\r\n\r\n",
  },
  {
    ...quiet,
    name: "an unknown sid is no error",
    says: "UNSUB 1\r\nUNSUB 1 5\r\nUNSUB nonsense\r\n",
    hears: "",
  },
  {
    ...quiet,
    name: "a queue member alone hears every message",
    says: `SUB foo q 1\r\n${PUBLISH}${PUBLISH}`,
    hears: "MSG foo 1 0\r\n\r\nMSG foo 1 0\r\n\r\n",
  },
  {
    ...quiet,
    name: "a queue's name is any token",
    says: `SUB foo q..*.> 1\r\n${PUBLISH}`,
    hears: "MSG foo 1 0\r\n\r\n",
  },
  {
    ...quiet,
    name: "each queue group hears its copy",
    says: "SUB foo q 1\r\nSUB foo q 2\r\nUNSUB 2\r\nSUB foo r 3\r\nUNSUB 1\r\nPUB foo 0\r\n\r\n",
    hears: "MSG foo 3 0\r\n\r\n",
  },
  {
    ...quiet,
    name: "the reserved queue name is refused",
    says: `SUB foo _sys_ 1\r\n${PUBLISH}`,
    hears: `-ERR 'Permissions Violation for Subscription to "foo" using queue "_sys_"'\r\n`,
  },

  // Auto-unsubscribe.
  {
    ...quiet,
    name: "the message that reaches the maximum is the last",
    says: `SUB foo 1\r\nUNSUB 1 2\r\n${PUBLISH.repeat(3)}`,
    hears: "MSG foo 1 0\r\n\r\n".repeat(2),
  },
  {
    ...quiet,
    name: "a maximum counts what was delivered before it",
    says: `SUB foo 1\r\n${PUBLISH.repeat(2)}UNSUB 1 5\r\n${PUBLISH.repeat(5)}`,
    hears: "MSG foo 1 0\r\n\r\n".repeat(5),
  },
  {
    ...quiet,
    name: "a maximum that is already reached removes at once",
    says: `SUB foo 1\r\n${PUBLISH.repeat(2)}UNSUB 1 2\r\n${PUBLISH}`,
    hears: "MSG foo 1 0\r\n\r\n".repeat(2),
  },
  {
    ...quiet,
    name: "a maximum of zero removes at once",
    says: `SUB foo 1\r\nUNSUB 1 0\r\n${PUBLISH}`,
    hears: "",
  },
  {
    ...quiet,
    name: "a negative maximum removes at once",
    says: `SUB foo 1\r\nUNSUB 1 -5\r\n${PUBLISH}`,
    hears: "",
  },
  {
    ...quiet,
    name: "a maximum that is no number removes at once",
    says: `SUB foo 1\r\nUNSUB 1 few\r\n${PUBLISH}`,
    hears: "",
  },
  {
    ...quiet,
    name: "a plain UNSUB cancels a pending maximum",
    says: `SUB foo 1\r\nUNSUB 1 5\r\n${PUBLISH}UNSUB 1\r\n${PUBLISH}`,
    hears: "MSG foo 1 0\r\n\r\n",
  },
  {
    ...quiet,
    name: "a larger maximum replaces a smaller one",
    says: `SUB foo 1\r\nUNSUB 1 1\r\nUNSUB 1 3\r\n${PUBLISH.repeat(4)}`,
    hears: "MSG foo 1 0\r\n\r\n".repeat(3),
  },
  {
    ...quiet,
    name: "a smaller maximum replaces a larger one",
    says: `SUB foo 1\r\nUNSUB 1 5\r\nUNSUB 1 2\r\n${PUBLISH.repeat(4)}`,
    hears: "MSG foo 1 0\r\n\r\n".repeat(2),
  },
  {
    ...quiet,
    name: "SUB with a sid whose maximum is pending changes nothing",
    says: `SUB foo 1\r\nUNSUB 1 2\r\n${PUBLISH}SUB foo 1\r\n${PUBLISH.repeat(2)}`,
    hears: "MSG foo 1 0\r\n\r\n".repeat(2),
  },
  {
    ...quiet,
    name: "a sid that ran out is free and counts afresh",
    says: `SUB foo 1\r\nUNSUB 1 1\r\n${PUBLISH.repeat(2)}SUB foo 1\r\nUNSUB 1 1\r\n${PUBLISH.repeat(2)}`,
    hears: "MSG foo 1 0\r\n\r\n".repeat(2),
  },
  {
    ...quiet,
    name: "a queue member that ran out hears no more",
    says: `SUB foo q 1\r\nUNSUB 1 1\r\n${PUBLISH.repeat(2)}`,
    hears: "MSG foo 1 0\r\n\r\n",
  },

  // Limits.
  {
    name: "a subscription over the limit is refused and nothing else",
    options: { maxSubscriptions: 2 },
    says: "SUB foo 1\r\nSUB foo 2\r\nSUB foo 3\r\nUNSUB 1\r\nSUB foo.x 3\r\nPUB foo.x 0\r\n\r\n",
    hears:
      "+OK\r\n+OK\r\n-ERR 'maximum subscriptions exceeded'\r\n+OK\r\n+OK\r\n+OK\r\nMSG foo.x 3 0\r\n\r\n",
  },
  {
    name: "at the limit even a sid in use is refused",
    options: { maxSubscriptions: 2 },
    says: "SUB foo 1\r\nSUB foo 2\r\nSUB foo 2\r\n",
    hears: "+OK\r\n+OK\r\n-ERR 'maximum subscriptions exceeded'\r\n",
  },
  {
    name: "a subject with more tokens than allowed is refused",
    options: { maxSubscriptionTokens: 3 },
    says: "SUB foo.b.c 1\r\nSUB foo.b.c.d 2\r\nSUB foo.b.c.> q 3\r\nPUB foo.b.c.d 0\r\n\r\n",
    hears:
      "+OK\r\n" +
      `-ERR 'Permissions Violation for Subscription to "foo.b.c.d", too many tokens'\r\n` +
      `-ERR 'Permissions Violation for Subscription to "foo.b.c.>", too many tokens'\r\n` +
      "+OK\r\n",
  },
];
