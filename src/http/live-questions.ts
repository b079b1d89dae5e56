// What the page asks, read from paths and queries. The page asks properly; others get a 400.
import { quote } from "../proto/quote.ts";
import { SORT_KEYS, type SortKey, type SubjectOrder } from "./live-shapes.ts";
import type { SubjectQuestion } from "./live-subjects.ts";
import type { TableQuestion } from "./live-table.ts";
import { BadParameter, type Query } from "./query.ts";

const DETAIL_PATH = /^\/live\/connections\/([1-9][0-9]{0,14})$/;
const ROWS_DEFAULT = 50;
const ROWS_MAX = 200;
const OFFSET_MAX = 1_000_000;
const SEARCH_MAX = 100;
/** No subject that a client can publish to is longer, with the limits that people set. */
const SUBJECT_MAX = 4096;

export function tableQuestion(query: Query): TableQuestion {
  const search = query.text("search");
  if (search.length > SEARCH_MAX) {
    throw new BadParameter(`search is longer than ${SEARCH_MAX} characters`);
  }
  return {
    state: oneOf(query, "state", ["open", "closed"]),
    sort: oneOf<SortKey>(query, "sort", SORT_KEYS),
    descending: oneOf(query, "order", ["asc", "desc"]) === "desc",
    offset: whole(query, "offset", 0, OFFSET_MAX),
    limit: whole(query, "limit", 1, ROWS_MAX) || ROWS_DEFAULT,
    words: search.toLowerCase().split(/\s+/).filter(Boolean),
  };
}

export function subjectQuestion(query: Query): SubjectQuestion {
  const under = query.bytes("under");
  if (under.length > SUBJECT_MAX) throw new BadParameter("under is too long for a subject");
  return {
    account: query.text("account"),
    under,
    order: oneOf<SubjectOrder>(query, "order", ["rate", "messages"]),
  };
}

/** The cid in the path of a detail; 0 where it is another path. */
export function connectionId(path: string): number {
  return Number(DETAIL_PATH.exec(path)?.[1] ?? 0);
}

/** The first one where nothing is given. */
function oneOf<T extends string>(query: Query, name: string, values: readonly T[]): T {
  const given = query.text(name);
  const value = values.find((each) => given === "" || each === given);
  if (value === undefined) throw new BadParameter(`${name} can't be ${quote(query.bytes(name))}`);
  return value;
}

/** 0 where nothing is given. */
function whole(query: Query, name: string, min: number, max: number): number {
  const value = query.int(name);
  if (query.bytes(name) !== "" && (value < min || value > max)) {
    throw new BadParameter(`${name} has to be from ${min} to ${max}`);
  }
  return value;
}
