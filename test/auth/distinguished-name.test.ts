// Distinguished names as users are called by them in the configuration (auth.md §12).

import { describe, expect, test } from "bun:test";
import {
  comparable,
  domainComponents,
  orderedKey,
  parseName,
  unorderedKey,
  written,
  type Name,
} from "../../src/auth/distinguished-name.ts";

const OIDS: Readonly<Record<string, string>> = {
  CN: "2.5.4.3",
  serialNumber: "2.5.4.5",
  C: "2.5.4.6",
  L: "2.5.4.7",
  ST: "2.5.4.8",
  street: "2.5.4.9",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  title: "2.5.4.12",
  postalCode: "2.5.4.17",
  UID: "0.9.2342.19200300.100.1.1",
  DC: "0.9.2342.19200300.100.1.25",
};

/** A certificate's subject: places in its order, parts of one place joined by "+". */
const subject = (...places: string[]): Name =>
  places.map((place) =>
    place.split("+").map((part) => {
      const [type = "", value = ""] = part.split("=");
      return { type: OIDS[type] ?? "", value };
    }),
  );

/** The values in a name, each place's joined by "+"; null when the text is no name. */
const values = (text: string) =>
  parseName(text)?.map((parts) => parts.map(({ value }) => value).join("+")) ?? null;

describe("a name in text", () => {
  test("has places parted by commas, in which there may be several parts", () => {
    expect(parseName("CN=bob+OU=dev,O=Acme")).toEqual([
      [
        { type: "CN", value: "bob" },
        { type: "OU", value: "dev" },
      ],
      [{ type: "O", value: "Acme" }],
    ]);
  });

  test("may have blanks around types and values, which are not theirs", () => {
    expect(parseName(" cn = bob smith ,  O=  Acme ")).toEqual([
      [{ type: "CN", value: "bob smith" }],
      [{ type: "O", value: "Acme" }],
    ]);
  });

  test("escapes what would end a value, as it is or in hexadecimal", () => {
    expect(values('O=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\=i\\#j')).toEqual(['a,b+c"d\\e<f>g;h=i#j']);
    expect(values("O=a\\2Cb\\2bc,CN=J\\c3\\bcrgen")).toEqual(["a,b+c", "Jürgen"]);
    expect(values("O=\\ a\\ ,CN=\\#b,L=c\\20 ")).toEqual([" a ", "#b", "c "]);
  });

  test("is none without types and values, with unknown escapes or values in DER", () => {
    const wrong = [
      "",
      "bob",
      "=bob",
      "CN",
      "CN=a,",
      ",CN=a",
      "CN=a,,O=b",
      "CN=a+",
      "CN=a\\",
      "CN=\\a",
      "CN=a\\6",
      "CN=a=b",
      "CN=#0c0161",
      "CN=a;O=b=c",
      "bob@example.com",
    ];
    expect(wrong.filter((text) => values(text) !== null)).toEqual([]);
    expect(values("CN=")).toEqual([""]);
  });
});

describe("names are compared", () => {
  const keyOf = (key: typeof orderedKey, name: Name | null) => (name === null ? "" : key(name));
  const same = (text: string, ...places: string[]) => {
    const cert = comparable(subject(...places));
    if (keyOf(orderedKey, parseName(text)) === keyOf(orderedKey, cert)) return "in order";
    if (keyOf(unorderedKey, parseName(text)) === keyOf(unorderedKey, cert)) return "in any order";
    return "not";
  };

  test("from the last place of the certificate to the first", () => {
    expect(same("CN=bob,O=Acme", "O=Acme", "CN=bob")).toBe("in order");
    expect(same("O=Acme,CN=bob", "O=Acme", "CN=bob")).toBe("in any order");
    expect(same("CN=bob", "O=Acme", "CN=bob")).toBe("not");
    expect(same("CN=bob,O=Acme,L=x", "O=Acme", "CN=bob")).toBe("not");
  });

  test("with types in any case and values as they are", () => {
    expect(same("cn=bob,o=Acme", "O=Acme", "CN=bob")).toBe("in order");
    expect(same("CN=Bob,O=Acme", "O=Acme", "CN=bob")).toBe("not");
    expect(
      same("serialnumber=1,STREET=x,postalCode=2", "postalCode=2", "street=x", "serialNumber=1"),
    ).toBe("in order");
  });

  test("place by place, in each of which the order does not matter", () => {
    expect(same("OU=dev+CN=bob,O=Acme", "O=Acme", "CN=bob+OU=dev")).toBe("in order");
    expect(same("OU=dev,CN=bob,O=Acme", "O=Acme", "CN=bob+OU=dev")).toBe("not");
    expect(same("OU=a,OU=b,OU=b", "OU=a", "OU=a", "OU=b")).toBe("not");
    expect(same("OU=a,OU=b,OU=a", "OU=a", "OU=a", "OU=b")).toBe("in any order");
  });

  test("not at all when the certificate's has a part of another type", () => {
    expect(comparable(subject("CN=bob", "UID=42"))).toBeNull();
    expect(comparable(subject("CN=bob+title=Dr"))).toBeNull();
  });

  test("without one text passing for another", () => {
    expect(same("CN=bob\\,O\\=Acme", "O=Acme", "CN=bob")).toBe("not");
    expect(same("CN=a+CN=b", "CN=b", "CN=a")).toBe("not");
  });
});

describe("a certificate's name is written", () => {
  test("in Go's order, with several of a type joined and the rest left out", () => {
    const places = [
      "CN=bob",
      "C=US",
      "title=Dr",
      "OU=a",
      "ST=CA",
      "O=Acme",
      "L=SF",
      "postalCode=1",
    ];
    expect(written(subject(...places, "street=Main", "serialNumber=9", "C=DE", "OU=b"))).toBe(
      "SERIALNUMBER=9,CN=bob,OU=a+OU=b,O=Acme,POSTALCODE=1,STREET=Main,L=SF,ST=CA,C=US+C=DE",
    );
    expect(written(subject("CN=bob", "CN=rob"))).toBe("CN=rob");
    expect(written(subject("UID=1"))).toBe("");
  });

  test("with what is special in it escaped", () => {
    const special = [{ type: "2.5.4.10", value: 'a,b+c"d\\e<f>g;h=i#j' }];
    expect(written([special])).toBe('O=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h=i#j');
    expect(written([[{ type: "2.5.4.3", value: "#a" }]])).toBe("CN=\\#a");
    expect(written([[{ type: "2.5.4.3", value: " a " }]])).toBe("CN=\\ a\\ ");
  });

  test("without its domain components, which are written on their own", () => {
    const name = subject("DC=org", "DC=example", "O=Acme", "CN=bob");
    expect(written(name)).toBe("CN=bob,O=Acme");
    expect(domainComponents(name)).toBe("DC=org,DC=example");
  });
});
