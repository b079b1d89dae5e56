// What the configuration language refuses, text beside `line:column: message`, by the theme of the
// rule. A third member says why nats-server 2.15 accepts it; the language's tests hold that it
// still does.

export type Refused = readonly [text: string, message: string, peerDiffers?: string];

const EMPTY = "takes a key that has no value for an empty text, or drops it";
const KEY = "takes stray punctuation for a key";
const SLASH = "overlooks a lone slash";
const NUL = "takes a NUL byte for the end of a value";
const LOST = "accepts the number and loses its value";
const BRACKET = "takes ']' behind a number for a part of it";
const UNCLOSED = "does not miss the closing brace of an empty file";

const entries: Refused[] = [
  ["foo", '1:1: expected a value for the key "foo", found the end of the file'],
  ["foo\n", '1:1: expected a value for the key "foo", found the end of the file'],
  ["aaaaaaaa", '1:1: expected a value for the key "aaaaaaaa", found the end of the file'],
  ["foo =", '1:1: expected a value for the key "foo", found the end of the file', EMPTY],
  ["foo = ", '1:1: expected a value for the key "foo", found the end of the file', EMPTY],
  ["foo=\nbar", "1:5: expected a value, found the end of the line"],
  ["foo:\n1", "1:5: expected a value, found the end of the line"],
  ["=1", "1:1: expected a key, found '='"],
  [":1", "1:1: expected a key, found ':'"],
  ["a=1\n=2", "2:1: expected a key, found '='"],
  ["foo = bar baz", "1:11: expected a new line, ',', ';' or a comment behind the value, found 'b'"],
  ["it = it's", "1:9: expected a new line, ',', ';' or a comment behind the value, found 's'"],
  ["a = a : b", "1:7: expected a new line, ',', ';' or a comment behind the value, found ':'"],
  ["a = : b", "1:7: expected a new line, ',', ';' or a comment behind the value, found 'b'"],
  [
    "key : value : more",
    "1:13: expected a new line, ',', ';' or a comment behind the value, found something else",
  ],
  ["a = 'bar'x", "1:10: expected a new line, ',', ';' or a comment behind the value, found 'x'"],
  ['a = "bar"b=1', "1:10: expected a new line, ',', ';' or a comment behind the value, found 'b'"],
  ['a = "a""b"', "1:8: expected a new line, ',', ';' or a comment behind the value, found '\"'"],
  ["a = x]", "1:6: expected a new line, ',', ';' or a comment behind the value, found ']'"],
  ["a = ]", "1:5: expected a value, found ']'"],
  ["a=1;;b=2", "1:5: expected a key, found ';'", KEY],
  [";a=1", "1:1: expected a key, found ';'", KEY],
  ["a=1,,b=2", "1:5: expected a key, found ','", KEY],
  [",a=1", "1:1: expected a key, found ','", KEY],
  ["/ a = 1", "1:1: expected a key, or a comment behind '#' or '//', found '/'"],
  ["/a=1", "1:1: expected a key, or a comment behind '#' or '//', found '/'"],
  ["a = 1 / 2", "1:7: expected a new line, ',', ';' or a comment behind the value, found '/'"],
  [
    'a = "x" /',
    "1:9: expected a new line, ',', ';' or a comment behind the value, found '/'",
    SLASH,
  ],
  ["a = # c", "1:7: expected a new line, ',', ';' or a comment behind the value, found 'c'"],
  ["a = 1\n}\nb = 2", "2:1: expected a key, found '}'"],
  ["a = 1\n}\n}", "2:1: expected a key, found '}'", KEY],
  ["} = 1", "1:1: expected a key, found '}'", KEY],
  ['"foo', "1:1: expected the end of a quoted key, found the end of the file"],
  ["'foo", "1:1: expected the end of a quoted key, found the end of the file"],
  ['"foo = 1\nbar = 2', "1:1: expected the end of a quoted key, found the end of the file"],
  ["a\u0000=1", "1:2: expected a UTF-8 text, found a NUL byte"],
  ['a="\u0000"', "1:4: expected a UTF-8 text, found a NUL byte"],
  ["a=1\u0000", "1:4: expected a UTF-8 text, found a NUL byte", NUL],
  ["a=1 include x", "1:5: expected a new line, ',', ';' or a comment behind the value, found 'i'"],
];

const strings: Refused[] = [
  ['a = "abc', "1:5: expected the end of a quote, found the end of the file"],
  ["a = 'abc", "1:5: expected the end of a quote, found the end of the file"],
  [
    'listen: "localhost:4242\n\nhttp: localhost:8222\n',
    "1:9: expected the end of a quote, found the end of the file",
  ],
  ['a = "\\', "1:5: expected the end of a quote, found the end of the file"],
  ['a = "abc\\"', "1:5: expected the end of a quote, found the end of the file"],
  [
    "foo = \\q",
    "1:7: expected one of the escapes \\xHH \\t \\n \\r \\\" \\\\, or quotes around the text, found '\\'",
  ],
  [
    "foo = C:\\q",
    "1:9: expected one of the escapes \\xHH \\t \\n \\r \\\" \\\\, or quotes around the text, found '\\'",
  ],
  [
    "a = a\\",
    "1:6: expected one of the escapes \\xHH \\t \\n \\r \\\" \\\\, or quotes around the text, found '\\'",
  ],
  [
    "a = a\\ b",
    "1:6: expected one of the escapes \\xHH \\t \\n \\r \\\" \\\\, or quotes around the text, found '\\'",
  ],
  [
    "a = \\x4",
    "1:5: expected one of the escapes \\xHH \\t \\n \\r \\\" \\\\, or quotes around the text, found '\\'",
  ],
  [
    "a = \\xzz",
    "1:5: expected one of the escapes \\xHH \\t \\n \\r \\\" \\\\, or quotes around the text, found '\\'",
  ],
  ["a = (abc)", "1:5: expected the end of '(', by ')' alone on a line, found the end of the file"],
  ["a = (\nabc", "1:5: expected the end of '(', by ')' alone on a line, found the end of the file"],
  ["a = (", "1:5: expected the end of '(', by ')' alone on a line, found the end of the file"],
  ["a = ( )\n", "1:5: expected the end of '(', by ')' alone on a line, found the end of the file"],
  [
    "a = (\nabc\n);b=1\n",
    "1:5: expected the end of '(', by ')' alone on a line, found the end of the file",
  ],
  [
    "a = (\nabc\n) # c\n",
    "1:5: expected the end of '(', by ')' alone on a line, found the end of the file",
  ],
  ["a = (\n)\n)\n", '3:1: expected a value for the key ")", found the end of the file'],
];

const numbers: Refused[] = [
  ["a = -", "1:6: expected a digit, found the end of the file"],
  ["a = -x", "1:6: expected a digit, found 'x'"],
  ["a = - 1", "1:6: expected a digit, found ' '"],
  ["a = .5", "1:5: expected a digit in front of the '.', or quotes around a text, found '.'"],
  ["a = 1.", "1:7: expected a digit behind the '.', found the end of the file"],
  ["a = 1.x", "1:7: expected a digit behind the '.', found 'x'"],
  ["a = 1..2", "1:7: expected a digit behind the '.', found '.'"],
  ["a = 1.5k", "1:8: expected a new line, ',', ';' or a comment behind the value, found 'k'"],
  ["a = 1.5e3", "1:8: expected a new line, ',', ';' or a comment behind the value, found 'e'"],
  ["a = 1.5s", "1:8: expected a new line, ',', ';' or a comment behind the value, found 's'"],
  ["a = -10s", "1:8: expected the end of the number, found 's'"],
  ["a = -1:4222", "1:7: expected the end of the number, found ':'"],
  ["a = -1.5k", "1:9: expected a new line, ',', ';' or a comment behind the value, found 'k'"],
  [
    "a = 8kbb",
    "1:6: expected k, kb, ki, kib, or the same of m, g, t, p, e behind the number, found 'k'",
    LOST,
  ],
  [
    "a = 8kii",
    "1:6: expected k, kb, ki, kib, or the same of m, g, t, p, e behind the number, found 'k'",
    LOST,
  ],
  ["a = 8eb", "1:5: expected a whole number that fits in 64 bits, found '8'", LOST],
  ["a = 10000000000g", "1:5: expected a whole number that fits in 64 bits, found '1'", LOST],
  ["a = 9223372036854775808", "1:5: expected a whole number that fits in 64 bits, found '9'"],
  ["a = -9223372036854775809", "1:5: expected a whole number that fits in 64 bits, found '-'"],
  ["a = 1000000000000000000000k", "1:5: expected a whole number that fits in 64 bits, found '1'"],
  ["a = 1.2.3.4/8", "1:12: expected a new line, ',', ';' or a comment behind the value, found '/'"],
  [
    "a = 10.0.0.1.nip.io:4222",
    "1:14: expected a new line, ',', ';' or a comment behind the value, found 'n'",
  ],
  ["a = 1.2:3", "1:8: expected a new line, ',', ';' or a comment behind the value, found ':'"],
  [
    "a = 12-34",
    "1:7: expected a whole date such as 2026-01-31T10:00:00Z, or quotes around a text, found '-'",
  ],
  [
    "a = 123-4567",
    "1:8: expected a whole date such as 2026-01-31T10:00:00Z, or quotes around a text, found '-'",
  ],
  [
    "a = 1234-5",
    "1:11: expected a digit of a date such as 2026-01-31T10:00:00Z, found the end of the file",
  ],
  [
    "a = 2016-05-04",
    "1:15: expected 'T' of a date such as 2026-01-31T10:00:00Z, found the end of the file",
  ],
  [
    "a = 2016-05-04T18:53:41",
    "1:24: expected 'Z' of a date such as 2026-01-31T10:00:00Z, found the end of the file",
  ],
  [
    "a = 2016-05-04t18:53:41Z",
    "1:15: expected 'T' of a date such as 2026-01-31T10:00:00Z, found 't'",
  ],
  [
    "a = 2016-05-04T18:53:41Zx",
    "1:25: expected a new line, ',', ';' or a comment behind the value, found 'x'",
  ],
  ["a = 2016-13-04T18:53:41Z", "1:5: expected a day and time that the calendar has, found '2'"],
  ["a = 2016-02-30T18:53:41Z", "1:5: expected a day and time that the calendar has, found '2'"],
  ["a = 2016-05-04T24:00:00Z", "1:5: expected a day and time that the calendar has, found '2'"],
  ["a = 1 b", "1:7: expected a new line, ',', ';' or a comment behind the value, found 'b'"],
];

const lists: Refused[] = [
  ["a = [", "1:6: expected a value, found the end of the file"],
  [
    "a = [x",
    "1:7: expected ',' or a new line between values, or ']' at the end of the list, found the end of the file",
  ],
  ["a = [x,", "1:8: expected a value, found the end of the file"],
  ["a = [,]", "1:6: expected a value, found ','"],
  ["a = [,1]", "1:6: expected a value, found ','"],
  ["a = [1,,2]", "1:8: expected a value, found ','"],
  ["a = [\na\n,\nb\n]", "3:1: expected a value, found ','"],
  ["a = [x #c\n,y]", "2:1: expected a value, found ','"],
  [
    "a = ['a' 'b']",
    "1:10: expected ',' or a new line between values, or ']' at the end of the list, found \"'\"",
  ],
  [
    "a = [{a:1} {b:2}]",
    "1:12: expected ',' or a new line between values, or ']' at the end of the list, found '{'",
  ],
  [
    "a = [x y]",
    "1:8: expected ',' or a new line between values, or ']' at the end of the list, found 'y'",
  ],
  [
    "a = [x;y]",
    "1:7: expected ',' or a new line between values, or ']' at the end of the list, found ';'",
  ],
  [
    "a = [x}",
    "1:7: expected ',' or a new line between values, or ']' at the end of the list, found '}'",
  ],
  ["a = [}]", "1:6: expected a value or ']', found '}'"],
  ["a = [;]", "1:6: expected a value or ']', found ';'"],
  ["a = [/]", "1:6: expected a value, or a comment behind '#' or '//', found '/'"],
  [
    'a = ["x" / "y"]',
    "1:10: expected ',' or a new line between values, or ']' at the end of the list, found '/'",
    SLASH,
  ],
  ["a = [x]y", "1:8: expected a new line, ',', ';' or a comment behind the value, found 'y'"],
  ["a = [.5]", "1:6: expected a digit in front of the '.', or quotes around a text, found '.'"],
  [
    "a = [b = c]",
    "1:8: expected ',' or a new line between values, or ']' at the end of the list, found '='",
  ],
  [
    "a = [[x]",
    "1:9: expected ',' or a new line between values, or ']' at the end of the list, found the end of the file",
  ],
  [
    'a = ["x"\u00a0]',
    "1:9: expected ',' or a new line between values, or ']' at the end of the list, found '\u00a0'",
  ],
];

const blocks: Refused[] = [
  ["a {", "1:4: expected '}' at the end of a block, found the end of the file"],
  [
    "a {b:1",
    "1:7: expected a new line, ',', ';' or '}' behind the value, found the end of the file",
  ],
  ["a {b", '1:4: expected a value for the key "b", found the end of the file'],
  ["a {b}", '1:4: expected a value for the key "b}", found the end of the file'],
  ["a {b }", "1:4: expected a value for the key \"b\", found '}'", EMPTY],
  ["a {b:}", "1:4: expected a value for the key \"b\", found '}'", EMPTY],
  ["a {\n b\n}", "2:2: expected a value for the key \"b\", found '}'", EMPTY],
  ["a {b: ,c:2}", "1:7: expected a value, found ','"],
  ["a {b:1,, c:2}", "1:8: expected a key, found ','", KEY],
  ["a {b:1;;c:2}", "1:8: expected a key, found ';'", KEY],
  ["a {b:1\n,c:2}", "2:1: expected a key, found ','", KEY],
  ["a {,}", "1:4: expected a key, found ','"],
  ["a {;}", "1:4: expected a key, found ';'"],
  ["a {,b:1}", "1:4: expected a key, found ','", KEY],
  ["a {b:1 c:2}", "1:8: expected a new line, ',', ';' or '}' behind the value, found 'c'"],
  ["a {b:1]}", "1:7: expected a new line, ',', ';' or '}' behind the value, found ']'", BRACKET],
  ["a {]}", "1:4: expected a key or '}', found ']'"],
  ["a {=1}", "1:4: expected a key, found '='"],
  [
    "a {b:[1}}",
    "1:8: expected ',' or a new line between values, or ']' at the end of the list, found '}'",
  ],
  ["a {b:1}x", "1:8: expected a new line, ',', ';' or a comment behind the value, found 'x'"],
  ["a {b:1} x", "1:9: expected a new line, ',', ';' or a comment behind the value, found 'x'"],
  ['a {"b:1}', "1:4: expected the end of a quoted key, found the end of the file"],
  ["a {'b:1}", "1:4: expected the end of a quoted key, found the end of the file"],
  ["a { / b:1}", "1:5: expected a key, or a comment behind '#' or '//', found '/'", SLASH],
  ["a {b:1 / c\n}", "1:8: expected a new line, ',', ';' or '}' behind the value, found '/'", SLASH],
  ["a {b # c\n 1}", "1:8: expected a new line, ',', ';' or '}' behind the value, found 'c'"],
  ["a = {{b:1}}", "1:6: expected a key or '}', found '{'", KEY],
];

const braces: Refused[] = [
  ["{", "1:2: expected '}' at the end of a block, found the end of the file", UNCLOSED],
  ["{a:1", "1:5: expected a new line, ',', ';' or '}' behind the value, found the end of the file"],
  ["{a}", '1:2: expected a value for the key "a}", found the end of the file'],
  ["{,}", "1:2: expected a key, found ','"],
  ["{a:1 b:2}", "1:6: expected a new line, ',', ';' or '}' behind the value, found 'b'"],
  ['{"a":1,,"b":2}', "1:8: expected a key, found ','", KEY],
  ["{ = 1", "1:3: expected a key, found '='"],
  ["{a:1},{b:2}", "1:6: expected a key, found ','", KEY],
  ['{"a":}', "1:3: expected a value for the key \"a\", found '}'", EMPTY],
  ['{"a"}', "1:3: expected a value for the key \"a\", found '}'", EMPTY],
];

const variables: Refused[] = [
  [
    "foo = $index",
    '1:7: expected the variable "$index" in the file above or in the environment, found neither; quote what is no variable',
  ],
  [
    "foo = $bar\nbar = 1",
    '1:7: expected the variable "$bar" in the file above or in the environment, found neither; quote what is no variable',
  ],
  [
    "a = $",
    '1:5: expected the variable "$" in the file above or in the environment, found neither; quote what is no variable',
  ],
  [
    "a = ${b}",
    '1:5: expected the variable "${b" in the file above or in the environment, found neither; quote what is no variable',
  ],
  [
    "a { b = 1 }\nc = $b",
    '2:5: expected the variable "$b" in the file above or in the environment, found neither; quote what is no variable',
  ],
  [
    "a { b = $a }",
    '1:9: expected the variable "$a" in the file above or in the environment, found neither; quote what is no variable',
  ],
  [
    "a = $a",
    '1:5: expected the variable "$a" in the file above or in the environment, found neither; quote what is no variable',
  ],
  [
    "password: $ecret",
    "1:11: expected the variable named here in the file above or in the environment, found neither; quote what is no variable",
  ],
  [
    "users [ { user: x, pass: $ecret } ]",
    "1:26: expected the variable named here in the file above or in the environment, found neither; quote what is no variable",
  ],
  [
    "token: my secret",
    "1:11: expected a new line, ',', ';' or a comment behind the value, found something else",
  ],
  [
    "password: 123-456",
    "1:14: expected a whole date such as 2026-01-31T10:00:00Z, or quotes around a text, found something else",
  ],
];

const includes: Refused[] = [
  ["include", '1:1: expected a value for the key "include", found the end of the file'],
  ["include ", "1:9: expected the path of an include, found the end of the file"],
  ["include\nx", "1:8: expected the path of an include, found the end of the line"],
  ["include 1.conf", "1:9: expected the path of an include, found the start of a number"],
  ["include -x", "1:9: expected the path of an include, found the start of a number"],
  ["include [", "1:9: expected the path of an include, found the start of a list"],
  ["include {", "1:9: expected the path of an include, found the start of a block"],
  ["include (", "1:9: expected the path of an include, found the start of a block text"],
  ["include \\x", "1:9: expected the path of an include, found an escape"],
  [
    'include "x',
    "1:9: expected the end of the quoted path of an include, found the end of the file",
  ],
  [
    "include 'x",
    "1:9: expected the end of the quoted path of an include, found the end of the file",
  ],
  ["include x y", "1:11: expected a new line, ',', ';' or a comment behind the value, found 'y'"],
  [
    'a { include "x" b=1 }',
    "1:17: expected a new line, ',', ';' or '}' behind the value, found 'b'",
  ],
];

export const REFUSED: Readonly<Record<string, readonly Refused[]>> = {
  entries,
  strings,
  numbers,
  lists,
  blocks,
  "braces around a file": braces,
  variables,
  includes,
};
