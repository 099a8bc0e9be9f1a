// Apollo Client with its normalised cache: pages joined into one list, one copy of each record, persisted queries.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, before, beforeEach, test } from "node:test";
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client/core";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { relayStylePagination } from "@apollo/client/utilities";
import { firstValueFrom, filter } from "rxjs";

import { recorder, unseen } from "./hashes.js";
import { assertWhole } from "./lists.js";
import { ask, endpoint, someRecords } from "./server.js";

let possibleTypes;
let client;

/** Which types an interface or a union stands for, as Apollo's guide says to ask for them. */
before(async () => {
  const { __schema } = await ask("{ __schema { types { name possibleTypes { name } } } }");
  const abstract = __schema.types.filter((type) => type.possibleTypes);
  possibleTypes = Object.fromEntries(abstract.map((type) => [type.name, type.possibleTypes.map(({ name }) => name)]));
});

beforeEach(() => {
  client = start(new HttpLink({ uri: endpoint }));
});

afterEach(() => client.stop());

function start(link) {
  const list = () => relayStylePagination(["filter", "orderBy"]);
  const typePolicies = {
    Query: { fields: { memberships: list() } },
    City: { fields: { initiatives: list() } },
    Initiative: { fields: { claims: list() } },
  };
  return new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes, typePolicies }) });
}

/** A query that a component shows, and the first data of it that is as `wanted`. */
function show(query, variables) {
  const shown = client.watchQuery({ query, variables });
  const subscription = shown.subscribe(() => {});
  const data = async (wanted = () => true) => {
    const ready = shown.pipe(filter(({ dataState, data }) => dataState === "complete" && wanted(data)));
    return (await firstValueFrom(ready)).data;
  };
  return { data, more: (variables) => shown.fetchMore({ variables }), close: () => subscription.unsubscribe() };
}

/** Fetches page after page; how many there were, and the list that they were joined to. `list` finds it in the data. */
async function walk(query, variables, list) {
  const shown = show(query, variables);
  let whole = list(await shown.data());
  let pages = 1;
  while (whole.pageInfo.hasNextPage) {
    const page = list((await shown.more({ after: whole.pageInfo.endCursor })).data);
    const joined = whole.edges.length + page.edges.length;
    whole = list(await shown.data((data) => list(data).edges.length === joined));
    pages += 1;
  }
  shown.close();
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

test("Apollo Client joins the pages of a list at the root", async () => {
  const { pages, whole } = await walk(MEMBERSHIPS, {}, (data) => data.memberships);

  assertWhole(whole);
  assert.equal(pages, Math.ceil(whole.totalCount / 75));
});

test("Apollo Client keeps lists with other filters apart", async () => {
  const notation = (code) => ({ filter: { currentField: { notation: { eq: code } } } });

  const design = await walk(MEMBERSHIPS, notation("design"), (data) => data.memberships);
  const film = await walk(MEMBERSHIPS, notation("film"), (data) => data.memberships);

  assertWhole(design.whole);
  assertWhole(film.whole);
  assert.notEqual(design.whole.totalCount, film.whole.totalCount);
});

test("Apollo Client joins the pages of a list in a list", async () => {
  const query = gql`
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

  const { pages, whole } = await walk(query, {}, (data) => data.city.initiatives);

  assert.equal(pages, 3);
  assertWhole(whole);
  for (const { node } of whole.edges) assertWhole(node.claims);
});

test("Apollo Client shows an update of a record in every query that has it", async () => {
  const bySlug = gql`
    {
      city(by: { slug: "ha-noi" }) {
        id
        name(lang: "en")
        vietnamese: name(lang: "vi")
      }
    }
  `;
  const inList = gql`
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
      }
    }
  `;
  const [one, list] = [show(bySlug), show(inList)];
  const { city } = await one.data();
  await list.data();

  client.cache.writeFragment({
    id: client.cache.identify(city),
    fragment: gql`
      fragment NewName on City {
        name(lang: "en")
      }
    `,
    data: { name: "Ha Noi" },
  });

  const now = await one.data(({ city }) => city.name === "Ha Noi");
  assert.equal(now.city.vietnamese, "Hà Nội");
  await list.data(({ memberships }) => memberships.edges[0].node.city.name === "Ha Noi");
  one.close();
  list.close();
});

test("Apollo Client reads fragments on interfaces and unions from the cache", async () => {
  const query = gql`
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
  await client.query({ query, variables: { ids } });

  const { data } = await client.query({ query, variables: { ids }, fetchPolicy: "cache-only" });

  const [city, initiative, claim] = data.nodes;
  assert.deepEqual([city.name, "modality" in city], ["Hanoi", false]);
  assert.ok(initiative.name && initiative.modality);
  assert.deepEqual(["name" in claim, "modality" in claim], [false, true]);
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

test("Apollo Client gets the code of an error, and the data beside it", async () => {
  const refused = await client.query({ query: gql("{ cities { nodes { nmae } } }"), errorPolicy: "all" });
  const ran = await client.query({ query: PARTLY, errorPolicy: "all" });

  for (const [{ error }, code] of [[refused, "DOCUMENT_INVALID"], [ran, "PAGE_INVALID"]]) {
    assert.ok(CombinedGraphQLErrors.is(error), String(error));
    assert.equal(error.errors[0].extensions.code, code);
  }
  assert.deepEqual([ran.data.wrong, ran.data.right.slug], [null, "lyon"]);
});

/** A client that sends hashes, and what it has sent. */
function persisting(options) {
  const { sent, fetch } = recorder();
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const link = new PersistedQueryLink({ sha256, ...options }).concat(new HttpLink({ uri: endpoint, fetch }));
  return { client: start(link), sent };
}

for (const [method, options, expected] of [
  ["POST", {}, { first: ["POST hash", "POST document"], later: ["POST hash"] }],
  ["GET", { useGETForHashedQueries: true }, { first: ["GET hash", "POST document"], later: ["GET hash"] }],
]) {
  test(`Apollo Client sends a document once, and its hash alone afterwards, by ${method}`, async () => {
    const query = gql(unseen());

    const first = persisting(options);
    const later = persisting(options);
    const answers = [await first.client.query({ query }), await later.client.query({ query })];

    assert.deepEqual({ first: first.sent, later: later.sent }, expected);
    for (const { data } of answers) assert.equal(data.city.name, "Hanoi");
  });
}
