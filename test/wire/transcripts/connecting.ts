// CONNECT: its JSON, its defaults, repeated CONNECTs, verbose and pedantic (client protocol §4 and §12).
import type { Transcript } from "../transcripts.ts";

/** A CONNECT whose JSON is refused: closed without a word. */
const refused = (name: string, json: string): Transcript => ({
  name,
  says: `CONNECT ${json}\r\n`,
  hears: "",
  closes: true,
});

/** A CONNECT that is accepted and leaves the connection verbose. */
const accepted = (name: string, json: string): Transcript => ({
  name,
  says: `CONNECT ${json}\r\n`,
  hears: "+OK\r\n",
});

const PROBE = "PUB foo. 0\r\n\r\n";
const PEDANTIC_ERROR = "-ERR 'Invalid Publish Subject'\r\n";
const BAD_PROTOCOL = "-ERR 'invalid client protocol'\r\n";

export const connecting: readonly Transcript[] = [
  {
    name: "a connection without CONNECT is verbose, pedantic and hears itself",
    says: "SUB foo 1\r\nPUB foo 2\r\nok\r\nPUB foo.* 0\r\n\r\n",
    hears: "+OK\r\n+OK\r\nMSG foo 1 2\r\nok\r\n" + PEDANTIC_ERROR + "+OK\r\n",
  },
  {
    name: "CONNECT {} is verbose and pedantic",
    says: "CONNECT {}\r\n" + PROBE,
    hears: "+OK\r\n" + PEDANTIC_ERROR + "+OK\r\n",
  },
  {
    name: "CONNECT can turn verbose off alone",
    says: 'CONNECT {"verbose":false}\r\n' + PROBE,
    hears: PEDANTIC_ERROR,
  },
  {
    name: "CONNECT can turn pedantic off alone",
    says: 'CONNECT {"pedantic":false}\r\n' + PROBE,
    hears: "+OK\r\n+OK\r\n",
  },
  {
    name: "verbose says +OK for CONNECT, SUB, UNSUB and PUB, never for PING",
    says: 'CONNECT {"pedantic":false}\r\nSUB foo 1\r\nUNSUB 1\r\nUNSUB 99\r\nPUB foo 0\r\n\r\nPING\r\nPONG\r\n',
    hears: "+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\nPONG\r\n",
  },
  {
    name: "verbose says +OK for HPUB",
    connect: { verbose: true, headers: true },
    says: "HPUB foo 12 12\r\nNATS/1.0\r\n\r\n\r\n",
    hears: "+OK\r\n",
  },
  {
    name: "a pedantic publish error does not stop the message",
    connect: { pedantic: true },
    says: "SUB foo.> 1\r\nPUB foo.* 2\r\nok\r\nPUB foo.bar 0\r\n\r\n",
    hears: PEDANTIC_ERROR + "MSG foo.* 1 2\r\nok\r\nMSG foo.bar 1 0\r\n\r\n",
  },
  {
    name: "an error takes the place of +OK",
    says: "SUB foo..bar 1\r\nSUB foo 1\r\n",
    hears: "-ERR 'Invalid Subject'\r\n+OK\r\n",
  },

  // The JSON.
  accepted("keys are matched in any case", '{"VERBOSE":false,"Verbose":true,"PEDANTIC":false}'),
  accepted("of a key given twice the last one counts", '{"verbose":false,"verbose":true}'),
  accepted("null leaves an option as it was", '{"verbose":null,"pedantic":null,"name":null}'),
  accepted("a bare null changes nothing", "null"),
  accepted("unknown keys are ignored", '{"colour":"blue","nested":{"a":[1,2,{}]}}'),
  accepted("whitespace in the JSON is allowed", ' {\t"name" : "a b" , "lang":"x" } '),
  accepted("no whitespace is needed before the JSON", "{}"),
  accepted("invalid UTF-8 in a string is accepted", '{"name":"\xff\xfe"}'),
  accepted("escapes in a key are understood", '{"verbos\\u0065":true}'),
  accepted("integers may be written for protocol", '{"protocol":0}'),
  {
    name: "CONNECT needs no whitespace before its argument",
    says: 'CONNECT{"verbose":false}\r\n',
    hears: "",
  },
  refused("a string is no bool", '{"verbose":"yes"}'),
  refused("a number is no bool", '{"verbose":1}'),
  refused("a number is no name", '{"name":123}'),
  refused("a string is no protocol", '{"protocol":"1"}'),
  refused("a fraction is no protocol", '{"protocol":1.0}'),
  refused("text after the object is refused", "{} x"),
  refused("a second object is refused", "{}{}"),
  refused("an array is refused", "[]"),
  refused("a string is refused", '"x"'),
  refused("a number is refused", "1"),
  refused("broken JSON is refused", "{verbose:false}"),
  refused("single quotes are refused", "{'verbose':false}"),
  refused("a trailing comma is refused", '{"verbose":false,}'),
  refused("an unfinished object is refused", '{"verbose":false'),
  refused("a control byte in a string is refused", '{"name":"a\x01b"}'),
  { name: "CONNECT without an argument is refused", says: "CONNECT\r\n", hears: "", closes: true },
  {
    name: "CONNECT with only whitespace is refused",
    says: "CONNECT  \r\n",
    hears: "",
    closes: true,
  },

  // What a CONNECT may ask for.
  ...[2, -1, 3, 1000].map((protocol): Transcript => ({
    name: `protocol ${protocol} is refused`,
    says: `CONNECT {"protocol":${protocol}}\r\n`,
    hears: BAD_PROTOCOL,
    closes: true,
  })),
  {
    name: "no_responders needs headers",
    says: 'CONNECT {"no_responders":true}\r\n',
    hears: "-ERR 'no responders requires headers support'\r\n",
    closes: true,
  },
  {
    name: "no_responders needs a server with headers",
    options: { noHeaderSupport: true },
    says: 'CONNECT {"headers":true,"no_responders":true}\r\n',
    hears: "-ERR 'no responders requires headers support'\r\n",
    closes: true,
  },
  {
    name: "an account cannot be asked for",
    says: 'CONNECT {"account":"A"}\r\n',
    hears: "-ERR 'Authorization Violation'\r\n",
    closes: true,
  },
  {
    name: "a new account cannot be asked for",
    says: 'CONNECT {"new_account":true}\r\n',
    hears: "-ERR 'Authorization Violation'\r\n",
    closes: true,
  },
  {
    name: "credentials are not looked at where none are wanted",
    says: 'CONNECT {"user":"u","pass":"p","auth_token":"t","tls_required":true}\r\n',
    hears: "+OK\r\n",
  },

  // CONNECT again.
  {
    name: "a later CONNECT keeps what it does not name",
    says: 'CONNECT {"verbose":false}\r\nCONNECT {"pedantic":false}\r\n' + PROBE,
    hears: "",
  },
  {
    name: "a later CONNECT replaces what it names",
    says: 'CONNECT {"verbose":false}\r\nCONNECT {"verbose":true,"pedantic":false}\r\n' + PROBE,
    hears: "+OK\r\n+OK\r\n",
  },
  {
    name: "a later CONNECT drops the subscriptions",
    connect: {},
    says: 'SUB foo 1\r\nCONNECT {"verbose":false}\r\nPUB foo 0\r\n\r\nSUB foo 1\r\nPUB foo 1\r\nx\r\n',
    hears: "MSG foo 1 1\r\nx\r\n",
  },
  {
    name: "a first CONNECT after SUB drops nothing",
    says: 'SUB foo 1\r\nCONNECT {"verbose":false}\r\nPUB foo 1\r\nx\r\n',
    hears: "+OK\r\nMSG foo 1 1\r\nx\r\n",
  },

  // The INFO that answers CONNECT.
  {
    name: "a client of protocol 1 hears one INFO after its first PONG",
    says: 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\nPING\r\n',
    hears: "PONG\r\n<INFO>PONG\r\n",
  },
  {
    name: "a client of protocol 0 hears no second INFO",
    says: 'CONNECT {"verbose":false,"protocol":0}\r\nPING\r\nPING\r\n',
    hears: "PONG\r\nPONG\r\n",
  },
  {
    name: "a PING before CONNECT does not count as the first",
    says: 'PING\r\nCONNECT {"verbose":false,"protocol":1}\r\nPING\r\nPING\r\n',
    hears: "PONG\r\nPONG\r\n<INFO>PONG\r\n",
  },
];
