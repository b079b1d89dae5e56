// The rules for encryption as options, each followed by the words that finish the sentence "<key> must
// be …". Files are not read here.
import * as v from "valibot";
import {
  field,
  flag,
  milliseconds,
  named,
  once,
  shape,
  someOf,
  text,
  textThat,
  wholeFrom,
  type Schema,
} from "./schema-parts.ts";
import type { TlsOptions } from "./tls.ts";
import { cipherSuite, curve } from "./tls-names.ts";

/** What "auto" waits for a client that may begin with its handshake. */
const AUTO_MS = 50;
const TIMER_MS_MAX = 2_147_483_647;

function handshakeFirst(): Schema<boolean | number | undefined> {
  const expected = 'true, false, "auto" or a duration such as "300ms" or a number of milliseconds';
  const wait = v.pipe(
    milliseconds((ms) => ms > 0, expected),
    v.transform((ms) => Math.min(ms, TIMER_MS_MAX)),
  );
  const auto = v.pipe(
    v.literal("auto"),
    v.transform(() => AUTO_MS),
  );
  return v.lazy((given) => (typeof given === "boolean" ? flag() : given === "auto" ? auto : wait));
}

export const tlsSchema = once((): Schema<TlsOptions> => {
  const path = () => text("the path of a PEM file");
  const file = v.pipe(v.string("the path of a PEM file"), v.nonEmpty("the path of a PEM file"));
  const pair = shape({ certFile: file, keyFile: file }, "an object with certFile and keyFile");
  const suite = named(cipherSuite, "a cipher suite (midge --help_tls)");
  const fingerprint = v.pipe(
    textThat((given) => /^[\da-f]{64}$/i.test(given), "a SHA-256 in hex"),
    v.toLowerCase(),
  );
  const someDuration = 'a duration such as "2s" or a number of milliseconds';
  const fields = shape(
    {
      certFile: field(path()),
      keyFile: field(path()),
      certs: field(
        v.pipe(
          v.array(pair, "a list of objects with certFile and keyFile"),
          v.transform((given) => (given.length > 0 ? given : undefined)),
        ),
      ),
      caFile: field(path()),
      verify: field(flag()),
      verifyAndMap: field(flag()),
      timeout: field(
        v.pipe(
          milliseconds((ms) => ms >= 0, someDuration),
          v.transform((ms) => (ms === 0 ? undefined : Math.min(ms, TIMER_MS_MAX))),
        ),
      ),
      cipherSuites: field(someOf(suite, "a list of cipher suites")),
      curvePreferences: field(
        someOf(named(curve, "a curve (midge --help_tls)"), "a list of curves"),
      ),
      minVersion: field(v.picklist(["1.2", "1.3"], '"1.2" or "1.3"')),
      pinnedCerts: field(someOf(fingerprint, "a list of SHA-256 in hex")),
      handshakeFirst: field(handshakeFirst()),
      connectionRateLimit: field(
        v.pipe(
          wholeFrom(0, "a whole number, 0 for no limit"),
          v.transform((given) => given || undefined),
        ),
      ),
    },
    "an object with certFile and keyFile",
  );
  return v.pipe(
    fields,
    v.transform((given) => (given.verifyAndMap ? { ...given, verify: true } : given)),
  );
});
