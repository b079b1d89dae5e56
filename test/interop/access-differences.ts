// Where Midge answers otherwise than nats-server 2.15 under the same configuration, on purpose. Two more
// cannot be compared line by line, since they come when they come: a nats-server publishes every refused
// login to $SYS.ACCOUNT.CLIENT.AUTH.ERR of the account it was meant for, and answers $SYS.REQ.USER.INFO.

export interface AccessDifference {
  /** Names of the configuration, or of all reloads, and of the case in it. */
  readonly under: string;
  readonly case: string;
  readonly reason: string;
  /** What one hears from Midge after the last step, or what its log says where the case is about that. */
  readonly midge: string;
}

/** The name that all reloads go by in `under`. */
export const RELOADS_NAME = "reloads";

const REFUSED = `  client hears "-ERR 'Authorization Violation'\\r\\n" <closed>`;
const HELLO = `  client hears "MSG hello 1 2\\r\\nhi\\r\\n"`;
const FOO = `  client hears "MSG foo 1 2\\r\\nhi\\r\\n"`;
/** What one hears who comes back after having been sent away. */
const AGAIN = `  client again hears "-ERR 'Authorization Violation'\\r\\n" <closed>`;
const NOBODY = "nobody is a user of an account whose password is plain";
const LENT = "nobody's password is not lent to a second CONNECT that names somebody";
const REDACTED = "nothing that lets somebody in is in a trace, however it is spelled";
const BY_NAME = "who is still right stays, also one who gave a name that nobody asked for";

export const ACCESS_DIFFERENCES: readonly AccessDifference[] = [
  {
    under: NOBODY,
    case: "log in with a second CONNECT as somebody with the same password",
    reason: LENT,
    midge: REFUSED,
  },
  {
    under: NOBODY,
    case: "log in with a second CONNECT as nobody's name",
    reason: LENT,
    midge: REFUSED,
  },
  {
    under: "nobody is an nkey",
    case: "log in with a second CONNECT as a user",
    reason: "who was nobody may become somebody",
    midge: HELLO,
  },
  {
    under: "logs of users",
    case: "log a publish after a second login",
    reason: "the log names who somebody is now, not who he was",
    midge: `[ERR] "A/user:a" - Publish Violation - Subject "x"`,
  },
  {
    under: "logs of users",
    case: "log an account that nobody may name",
    reason: "whose login was right is called by name from there on",
    midge: `[ERR] "$G/user:u" - authentication error - User "u"`,
  },
  {
    under: "logs of a token",
    case: "log a reserved reply of one who also names a user",
    reason: "who came in with a token is not called by a name that nobody checked",
    midge: `[ERR] "$G/token" - Publish Violation - Reply "_R_.x"`,
  },
  {
    under: "traces",
    case: "log a password with a quote",
    reason: REDACTED,
    midge: `[TRC] <<- [CONNECT {"verbose":false,"pedantic":false,"user":"u","pass":"[REDACTED]"}]`,
  },
  {
    under: "traces",
    case: "log a password in capitals",
    reason: REDACTED,
    midge: `[TRC] <<- [CONNECT {"USER":"u","PASS":"[REDACTED]"}]`,
  },
  {
    under: "traces",
    case: "log a JWT",
    reason: REDACTED,
    midge: `[TRC] <<- [CONNECT {"verbose":false,"pedantic":false,"jwt":"[REDACTED]","sig":"[REDACTED]"}]`,
  },
  {
    under: "logs of nobody",
    case: "log a publish without CONNECT",
    reason: "the log names the user whose permissions were not enough",
    midge: `[ERR] "$G/user:n" - Publish Violation - Subject "x"`,
  },
  {
    under: "logs of an open server with a system account",
    case: "log a reserved reply",
    reason: "who gave no name gets none made up",
    midge: `[ERR] Publish Violation - Reply "_R_.x"`,
  },
  {
    under: RELOADS_NAME,
    case: "the server becomes open",
    reason: BY_NAME,
    midge: FOO,
  },
  {
    under: RELOADS_NAME,
    case: "an open server whose client names a user stays open",
    reason: BY_NAME,
    midge: FOO,
  },
  {
    under: RELOADS_NAME,
    case: "the one user's password is changed",
    reason: "who has a wrong password now is told so, also where there is one user only",
    midge: AGAIN,
  },
  {
    under: RELOADS_NAME,
    case: "a user is moved and has another password",
    reason: "who has a wrong password now is told so, also where it would be moved",
    midge: AGAIN,
  },
];
