// Answers that a responder may publish although its permissions do not name them (auth.md §5.3).
import type { Case, Configuration, Words } from "./access-play.ts";
import { as, login, pub, sub, talk } from "./access-words.ts";

/** A responder "r" with these permissions, and somebody who asks. */
const config = (permissions: string) => `authorization { users: [
  { user: r, password: p, permissions: ${permissions} }
  { user: asker, password: p }
] }`;

const R = as("r", "p");
const ASKER = as("asker", "p");
const ask = (reply: string, subject = "svc.a") => pub(subject, reply);

/** The responder listens, is asked like this, and answers like that. */
const dialogue = (name: string, asks: string, ...answers: readonly string[]): Case =>
  talk(
    name,
    ["r", R + sub("svc.>")],
    ["asker", ASKER + sub("in.>")],
    ["asker", asks],
    ...answers.map((says): [string, Words] => ["r", says]),
  );

const COMMON: Case[] = [
  dialogue("answer without being asked", "", pub("in.1")),
  dialogue("answer once", ask("in.1"), pub("in.1")),
  dialogue("answer twice", ask("in.1"), pub("in.1"), pub("in.1")),
  dialogue("answer three times", ask("in.1"), pub("in.1") + pub("in.1") + pub("in.1")),
  dialogue("answer four times", ask("in.1"), pub("in.1") + pub("in.1") + pub("in.1") + pub("in.1")),
  dialogue("answer somebody else", ask("in.1"), pub("in.2")),
  dialogue(
    "answer two requests",
    ask("in.1") + ask("in.2"),
    pub("in.2") + pub("in.1") + pub("in.2"),
  ),
  dialogue(
    "answer two requests with one reply",
    ask("in.1") + ask("in.1"),
    pub("in.1") + pub("in.1"),
  ),
  dialogue(
    "answer three requests with one reply",
    ask("in.1") + ask("in.1") + ask("in.1"),
    pub("in.1"),
    pub("in.1"),
  ),
  talk(
    "answer, be asked again with the same reply, and answer",
    ["r", R + sub("svc.>")],
    ["asker", ASKER + sub("in.>") + ask("in.1")],
    ["r", pub("in.1")],
    ["asker", ask("in.1")],
    ["r", pub("in.1")],
    ["r", pub("in.1")],
    ["asker", ask("in.1")],
    ["r", pub("in.1")],
  ),
  dialogue("answer with a reply of its own", ask("in.1"), pub("in.1", "svc.more")),
  dialogue("answer with a reserved reply", ask("in.1"), pub("in.1", "_R_.x"), pub("in.1")),
  dialogue("publish elsewhere", ask("in.1"), pub("out")),
  dialogue("answer to a reply with a wildcard", ask("in.*"), pub("in.*"), pub("in.1")),
  dialogue(
    "answer where allow and deny say so",
    ask("ok.1") + ask("no.1"),
    pub("ok.1") + pub("ok.1"),
    pub("no.1") + pub("no.1"),
  ),
  talk(
    "answer what came twice to two subscriptions",
    ["r", R + sub("svc.>") + sub("svc.a", "2")],
    ["asker", ASKER + sub("in.>") + ask("in.1")],
    ["r", pub("in.1")],
    ["r", pub("in.1")],
  ),
  talk(
    "answer after unsubscribing",
    ["r", R + sub("svc.>")],
    ["asker", ASKER + sub("in.>") + ask("in.1")],
    ["r", "UNSUB 1\r\n"],
    ["r", pub("in.1")],
  ),
  talk(
    "answer after a second login",
    ["r", R + sub("svc.>")],
    ["asker", ASKER + sub("in.>") + ask("in.1")],
    ["r", R],
    ["r", pub("in.1")],
  ),
  talk(
    "answer in verbose mode",
    ["r", 'CONNECT {"user":"r","pass":"p","pedantic":false}\r\n' + sub("svc.>")],
    ["asker", ASKER + sub("in.>") + ask("in.1")],
    ["r", pub("in.1") + pub("in.1")],
  ),
  talk("answer itself", ["r", R + sub("svc.>") + sub("in.1", "2") + ask("in.1") + pub("in.1")]),
  talk(
    "answer what came with headers",
    ["r", login({ user: "r", pass: "p", headers: true }) + sub("svc.>")],
    ["asker", login({ user: "asker", pass: "p", headers: true }) + sub("in.>")],
    ["asker", "HPUB svc.a in.1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n"],
    ["r", "HPUB in.1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n" + pub("in.1")],
  ),
];

const RULES: Readonly<Record<string, string>> = {
  "responses allowed": `{ subscribe: "svc.>", allow_responses: true }`,
  "responses not allowed, said so": `{ subscribe: "svc.>", allow_responses: false }`,
  "responses allowed with an allow list": `{ publish: "ok.>", subscribe: "svc.>", allow_responses: true }`,
  "responses allowed with a deny list": `{ publish: { deny: ["no.>", "in.2"] }, allow_responses: true }`,
  "responses allowed with both": `{ publish: { allow: "ok.>", deny: "no.>" }, allow_responses: { max: 1 } }`,
  "two responses": `{ subscribe: "svc.>", allow_responses: { max: 2 } }`,
  "three responses for a minute": `{ subscribe: "svc.>", publish_allow_responses: { max_msgs: 3, expires: "1m" } }`,
  "any number of responses": `{ subscribe: "svc.>", allow_responses: { max: -1 } }`,
  "the usual number of responses": `{ subscribe: "svc.>", allow_responses: { max: 0, expires: "0s" } }`,
  "responses in no time at all": `{ subscribe: "svc.>", allow_responses: { max_responses: 5, ttl: "1ns" } }`,
  "responses for ever": `{ subscribe: "svc.>", allow_responses: { max_messages: 2, expiration: "-1s" } }`,
  "only an allow list": `{ publish: "ok.>", subscribe: "svc.>" }`,
};

export const RESPONSE_CONFIGURATIONS: readonly Configuration[] = Object.entries(RULES).map(
  ([name, permissions]) => ({ name, text: config(permissions), cases: COMMON }),
);
