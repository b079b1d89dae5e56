// A monitor with a password: what asks for it, what opens, and what guessing costs.
import { describe, expect, test } from "bun:test";
import { PasswordVerifier } from "../../src/auth/hashes.ts";
import type { Verify } from "../../src/http/gate.ts";
import { TestMonitor } from "./ask.ts";
import { readHead, rawGet } from "./raw.ts";

const USER = { user: "watch", password: "s3cret:ä" };

const basic = (user: string, password: string) => ({
  headers: { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
});
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

function guarded(monitorAuthorization: object, verify?: Verify) {
  return TestMonitor.open({ monitorAuthorization }, verify === undefined ? {} : { verify });
}

/** A verifier whose hashes take until the test says so. */
function slowVerifier() {
  const waiting: (() => void)[] = [];
  let asked = 0;
  let dropped = 0;
  const verify: Verify = (_configured, given, isWanted) => {
    if (given === "known") return true;
    if (!isWanted()) {
      dropped++;
      return Promise.resolve(false);
    }
    asked++;
    return new Promise((resolve) => waiting.push(() => resolve(given === "right")));
  };
  const arrived = async (count: number) => {
    while (waiting.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    verify,
    arrived,
    finish: () => waiting.splice(0).forEach((end) => end()),
    get asked() {
      return asked;
    },
    get dropped() {
      return dropped;
    },
  };
}

describe("with a user and a password", () => {
  test("everything but the health asks for them", async () => {
    await using monitor = await guarded(USER);
    for (const path of ["/", "/varz", "/connz", "/metrics", "/live", "/live/servers", "/nope"]) {
      const { status, text, headers } = await monitor.ask(path);
      expect([path, status, text]).toEqual([path, 401, "401 unauthorized\n"]);
      expect(headers.get("www-authenticate")).toBe('Basic realm="midge", charset="UTF-8"');
    }
    expect((await monitor.ask("/healthz")).status).toBe(200);
  });

  test("an unclean path tells nothing before the password", async () => {
    await using monitor = await guarded(USER);
    expect(readHead(await rawGet(monitor.monitor.port, "//varz"), "location")).toEqual([401, ""]);
  });

  test("the right ones open, and only these", async () => {
    await using monitor = await guarded(USER);
    const status = async (init: RequestInit) => (await monitor.ask("/varz", init)).status;
    expect(await status(basic("watch", "s3cret:ä"))).toBe(200);
    expect(await status(basic("watch", "s3cret"))).toBe(401);
    expect(await status(basic("watch", ""))).toBe(401);
    expect(await status(basic("Watch", "s3cret:ä"))).toBe(401);
    expect(await status(basic("", "s3cret:ä"))).toBe(401);
    expect(await status(bearer("s3cret:ä".replace("ä", "a")))).toBe(401);
  });

  test.each([
    "Basic",
    "Basic ",
    "Basic !!!",
    "Basic d2F0Y2g=",
    "Digest x",
    "Bearer",
    "é",
    "Basic a b",
  ])("a header that makes no sense opens nothing: %s", async (header) => {
    await using monitor = await guarded(USER);
    const headers = { Authorization: encodeURI(header) };
    expect((await monitor.ask("/varz", { headers })).status).toBe(401);
  });

  test("in the address or the query they are not looked for", async () => {
    await using monitor = await guarded({ token: "t0ken" });
    expect((await monitor.ask("/varz?token=t0ken&auth_token=t0ken")).status).toBe(401);
  });

  test("pages of other sites get nothing, neither by CORS nor by a callback", async () => {
    await using monitor = await guarded(USER);
    const answer = await monitor.ask("/varz?callback=f", basic("watch", "s3cret:ä"));
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answer.type).toBe("application/json");
    const health = await monitor.ask("/healthz?callback=f");
    expect(health.headers.get("access-control-allow-origin")).toBeNull();
    expect(health.text).toBe('{"status":"ok"}');
  });

  test("refused requests are counted for the metrics, and not by path", async () => {
    await using monitor = await guarded(USER);
    await monitor.ask("/connz");
    const { text } = await monitor.ask("/metrics", basic("watch", "s3cret:ä"));
    expect(text).toContain('midge_monitor_refused_total{reason="unauthorized"} 1\n');
    expect(text).not.toContain('path="/connz"');
  });

  test("a change of them holds for the next request", async () => {
    await using monitor = await guarded(USER);
    const { options } = monitor.source;
    const changed = { ...options, monitorAuthorization: { user: "watch", password: "new" } };
    monitor.source.options = changed;
    expect((await monitor.ask("/varz", basic("watch", "s3cret:ä"))).status).toBe(401);
    expect((await monitor.ask("/varz", basic("watch", "new"))).status).toBe(200);
  });
});

describe("with a token", () => {
  test("it opens as a bearer token, or as a password for browsers", async () => {
    await using monitor = await guarded({ token: "t0ken" });
    const { status, headers } = await monitor.ask("/varz");
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toBe(
      'Bearer realm="midge", Basic realm="midge", charset="UTF-8"',
    );
    expect((await monitor.ask("/varz", bearer("t0ken"))).status).toBe(200);
    expect((await monitor.ask("/varz", basic("anyone", "t0ken"))).status).toBe(200);
    expect((await monitor.ask("/varz", bearer("t0ke"))).status).toBe(401);
  });
});

describe("with hashes", () => {
  test("bcrypt is understood where the verifier of the server is given", async () => {
    const hash = await Bun.password.hash("s3cret", { algorithm: "bcrypt", cost: 4 });
    const verifier = new PasswordVerifier();
    const verify: Verify = (...given) => verifier.verify(...given);
    await using monitor = await guarded({ user: "watch", password: hash }, verify);
    expect((await monitor.ask("/varz", basic("watch", "s3cret"))).status).toBe(200);
    expect((await monitor.ask("/varz", basic("watch", "wrong"))).status).toBe(401);
    expect((await monitor.ask("/varz", basic("watch", hash))).status).toBe(401);
  });

  test("guesses cost no more than a few at a time, and those who know get in meanwhile", async () => {
    const slow = slowVerifier();
    await using monitor = await guarded({ user: "watch", password: "hash" }, slow.verify);
    const guesses = Array.from({ length: 4 }, (_, i) =>
      monitor.ask("/varz", basic("watch", `${i}`)),
    );
    await slow.arrived(4);
    const { status, headers } = await monitor.ask("/varz", basic("watch", "one too many"));
    expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
    expect([slow.asked, slow.dropped]).toEqual([4, 1]);
    expect((await monitor.ask("/varz", basic("watch", "known"))).status).toBe(200);
    expect((await monitor.ask("/healthz")).status).toBe(200);
    slow.finish();
    expect((await Promise.all(guesses)).map((answer) => answer.status)).toEqual([
      401, 401, 401, 401,
    ]);
    const late = monitor.ask("/varz", basic("watch", "right"));
    await slow.arrived(1);
    slow.finish();
    expect((await late).status).toBe(200);
  });

  test("a wrong user costs as many as the right one, so that time tells nothing about names", async () => {
    const slow = slowVerifier();
    await using monitor = await guarded({ user: "watch", password: "hash" }, slow.verify);
    for (const [i, user] of ["nobody", "watch", ""].entries()) {
      const asked = monitor.ask("/varz", basic(user, "x"));
      await slow.arrived(1);
      expect(slow.asked).toBe(i + 1);
      slow.finish();
      expect((await asked).status).toBe(401);
    }
  });

  test("the right password opens nothing for a wrong user, reckoned or remembered", async () => {
    const slow = slowVerifier();
    await using monitor = await guarded({ user: "watch", password: "hash" }, slow.verify);
    const asked = monitor.ask("/varz", basic("nobody", "right"));
    await slow.arrived(1);
    slow.finish();
    expect((await asked).status).toBe(401);
    expect((await monitor.ask("/varz", basic("nobody", "known"))).status).toBe(401);
  });
});
