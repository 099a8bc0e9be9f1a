// urql with Graphcache, which knows the schema by introspection: pages joined into one list, one copy of each record,
// persisted queries.
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { Client, fetchExchange, gql } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { persistedExchange } from "@urql/exchange-persisted";
import { getIntrospectionQuery } from "graphql";

import { recorder, unseen } from "./hashes.js";
import { assertWhole } from "./lists.js";
import { ask, endpoint, someRecords } from "./server.js";

let schema;
let client;
let warnings;

before(async () => {
  schema = await ask(getIntrospectionQuery({ descriptions: false, oneOf: true }));
});

beforeEach(() => {
  warnings = [];
  client = start([cache(), fetchExchange]);
});

/** The cache. It warns of fields that are not in the schema, and of types whose records it cannot tell apart. */
function cache() {
  const list = relayPagination();
  return cacheExchange({
    schema,
    logger: (severity, message) => severity !== "debug" && warnings.push(message),
    resolvers: {
      Query: { memberships: list },
      City: { initiatives: list },
      Initiative: { claims: list },
    },
    // A date is what it holds; only records have ids.
    keys: { FuzzyDate: () => null },
  });
}

const start = (exchanges, options) => new Client({ url: endpoint, exchanges, preferGetMethod: false, ...options });

async function query(document, variables, context) {
  const { data, error } = await client.query(document, variables, context);
  if (error) throw error;
  return data;
}

/** Fetches page after page; how many there were, and the list that the cache made of them. */
async function walk(document, variables, list) {
  let whole = list(await query(document, variables));
  let pages = 1;
  while (whole.pageInfo.hasNextPage) {
    whole = list(await query(document, { ...variables, after: whole.pageInfo.endCursor }));
    pages += 1;
  }
  return { pages, whole };
}

const MEMBERSHIPS = gql`
  query Memberships($filter: MembershipFilter, $after: String) {
    memberships(filter: $filter, first: 75, after: $after) {
      totalCount
      edges {
        cursor
        node {
          id
          name(lang: "en")
          startDate {
            edtf
          }
          city {
            id
            slug
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

test("urql joins the pages of a list at the root", async () => {
  const { pages, whole } = await walk(MEMBERSHIPS, {}, (data) => data.memberships);

  assertWhole(whole);
  assert.equal(pages, Math.ceil(whole.totalCount / 75));
  assert.deepEqual(warnings, []);
});

test("urql keeps lists with other filters apart", async () => {
  const notation = (code) => ({ filter: { currentField: { notation: { eq: code } } } });

  const design = await walk(MEMBERSHIPS, notation("design"), (data) => data.memberships);
  const film = await walk(MEMBERSHIPS, notation("film"), (data) => data.memberships);

  assertWhole(design.whole);
  assertWhole(film.whole);
  assert.notEqual(design.whole.totalCount, film.whole.totalCount);
});

test("urql joins the pages of a list in a list", async () => {
  const document = gql`
    query Plans($after: String) {
      city(by: { slug: "ha-noi" }) {
        id
        initiatives(first: 4, after: $after) {
          totalCount
          edges {
            cursor
            node {
              id
              claims(first: 100) {
                totalCount
                edges {
                  node {
                    id
                  }
                }
                pageInfo {
                  hasNextPage
                  endCursor
                }
              }
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `;

  const { pages, whole } = await walk(document, {}, (data) => data.city.initiatives);

  assert.equal(pages, 3);
  assertWhole(whole);
  for (const { node } of whole.edges) assertWhole(node.claims);
  assert.deepEqual(warnings, []);
});

test("urql shows a record that is fetched again in a list from the cache", async () => {
  const list = gql`
    {
      memberships(filter: { city: { slug: { eq: "ha-noi" } } }) {
        edges {
          node {
            id
            city {
              id
              name(lang: "en")
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `;
  const record = gql`
    query Record($id: ID!) {
      node(id: $id) {
        id
        ... on Described {
          name(lang: "en")
        }
      }
    }
  `;
  const city = (data) => data.memberships.edges[0].node.city;
  const { id, name } = city(await query(list));
  assert.equal(name, "Hanoi");

  // As if somebody had given it another name meanwhile.
  const renamed = async (...request) => {
    const response = await fetch(...request);
    return new Response((await response.text()).replace("Hanoi", "Ha Noi"), response);
  };
  const { node } = await query(record, { id }, { fetch: renamed });

  assert.equal(node.name, "Ha Noi");
  assert.equal(city(await query(list, {}, { requestPolicy: "cache-only" })).name, "Ha Noi");
});

test("urql reads fragments on interfaces and unions from the cache", async () => {
  const document = gql`
    query Records($ids: [ID!]!) {
      nodes(ids: $ids) {
        id
        ... on Described {
          name(lang: "en")
        }
        ... on Citable {
          modality
          assertedBy {
            ... on Person {
              id
            }
            ... on Organization {
              id
            }
          }
        }
      }
    }
  `;
  const records = await someRecords();
  const ids = [records.city, records.initiative, records.claim];
  await query(document, { ids });

  const { nodes } = await query(document, { ids }, { requestPolicy: "cache-only" });

  const [city, initiative, claim] = nodes;
  assert.deepEqual([city.name, "modality" in city], ["Hanoi", false]);
  assert.ok(initiative.name && initiative.modality);
  assert.deepEqual(["name" in claim, "modality" in claim], [false, true]);
  assert.deepEqual(warnings, []);
});

test("urql's cache knows the schema", async () => {
  await query(gql`
    {
      cities(first: 1) {
        nodes {
          id
        }
      }
    }
  `);
  assert.deepEqual(warnings, []);

  await client.query(gql("{ cities(first: 1) { nodes { id nmae } } }"));

  const told = warnings.some((warning) => warning.includes("The field `nmae` does not exist on `City`"));
  assert.ok(told, warnings.join("\n"));
});

const PARTLY = gql`
  {
    wrong: city(by: { slug: "ha-noi" }) {
      id
      initiatives(first: 101) {
        totalCount
      }
    }
    right: city(by: { slug: "lyon" }) {
      id
      slug
    }
  }
`;

test("urql gets the code of an error, and the data beside it", async () => {
  const refused = await client.query(gql("{ cities { nodes { nmae } } }"));
  const ran = await client.query(PARTLY);

  assert.equal(refused.error.graphQLErrors[0]?.extensions.code, "DOCUMENT_INVALID", String(refused.error));
  assert.equal(ran.error.graphQLErrors[0]?.extensions.code, "PAGE_INVALID", String(ran.error));
  assert.deepEqual([ran.data.wrong, ran.data.right.slug], [null, "lyon"]);
});

/** A client that sends hashes, and what it has sent. */
function persisting(preferGetForPersistedQueries) {
  const { sent, fetch } = recorder();
  const exchanges = [cache(), persistedExchange({ preferGetForPersistedQueries }), fetchExchange];
  return { client: start(exchanges, { fetch }), sent };
}

for (const [method, byGet] of [
  ["POST", false],
  ["GET", "force"],
]) {
  test(`urql sends a document once, and its hash alone afterwards, by ${method}`, async () => {
    const document = gql(unseen());

    const first = persisting(byGet);
    const later = persisting(byGet);
    const answers = [await first.client.query(document, {}), await later.client.query(document, {})];

    const expected = { first: [`${method} hash`, `${method} document`], later: [`${method} hash`] };
    assert.deepEqual({ first: first.sent, later: later.sent }, expected);
    for (const { data } of answers) assert.equal(data.city.name, "Hanoi");
  });
}
