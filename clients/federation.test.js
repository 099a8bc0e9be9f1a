// culturegraph in a federated graph: composed with another subgraph, and asked by a router.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { composeServices as composeByApollo } from "@apollo/composition";
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { composeServices as composeByGuild, compositionHasErrors } from "@theguild/federation-composition";
import { parse } from "graphql";

import { ask, endpoint } from "./server.js";

/** A subgraph of a partner: it knows cities by their slugs, countries by their ids, and what it adds to them. */
const WEATHER = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
  type Query { warmest: City, home: Country }
  type City @key(fields: "slug") { slug: String! temperature: Int }
  type Country @key(fields: "id") { id: ID! climate: String }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`);

let culturegraph;
let country;

before(async () => {
  const found = await ask(`{ _service { sdl } country(by: { slug: "vietnam" }) { id } }`);
  country = found.country?.id;
  culturegraph = { name: "culturegraph", url: endpoint, typeDefs: parse(found._service.sdl) };
});

const weather = { name: "weather", url: "http://weather.invalid", typeDefs: WEATHER };

test("culturegraph composes with another subgraph by @theguild/federation-composition", () => {
  const result = composeByGuild([culturegraph, weather]);
  assert.ok(!compositionHasErrors(result), JSON.stringify(result.errors));
  assert.match(result.supergraphSdl, /type City\b/);
});

test("culturegraph composes with another subgraph by @apollo/composition", () => {
  const { errors, supergraphSdl } = composeByApollo([culturegraph, weather]);
  assert.equal(errors, undefined, errors?.map((error) => error.message).join("\n"));
  assert.match(supergraphSdl, /type City\b/);
});

test("a router joins records of culturegraph with what a partner knows of them", async () => {
  const resolvers = {
    Query: { warmest: () => ({ slug: "ha-noi" }), home: () => ({ id: country }) },
    City: { __resolveReference: (city) => city, temperature: ({ slug }) => slug.length },
    Country: { __resolveReference: (country) => country, climate: () => "tropical" },
  };
  const local = new LocalGraphQLDataSource(buildSubgraphSchema({ typeDefs: WEATHER, resolvers }));
  const { supergraphSdl } = composeByApollo([culturegraph, weather]);
  const buildService = ({ name, url }) => (name === "weather" ? local : new RemoteGraphQLDataSource({ url }));
  const gateway = new ApolloGateway({ supergraphSdl, buildService });
  const { executor } = await gateway.load();
  try {
    const query = `query Joined($slug: String!) {
      warmest { temperature name(lang: "en") country { name(lang: "en") } }
      home { climate name(lang: "en") }
      city(by: { slug: $slug }) { name(lang: "en") temperature }
    }`;
    const { data, errors } = await executor({
      request: { query, variables: { slug: "hue" } },
      document: parse(query),
      operationName: "Joined",
      queryHash: query,
      schema: gateway.schema,
      logger: console,
      metrics: {},
      cache: new Map(),
      context: {},
      overallCachePolicy: { restrict() {}, policyIfCacheable: () => null },
    });

    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(JSON.parse(JSON.stringify(data)), {
      warmest: { temperature: 6, name: "Hanoi", country: { name: "Vietnam" } },
      home: { climate: "tropical", name: "Vietnam" },
      city: { name: "Huế", temperature: 3 },
    });
  } finally {
    await gateway.stop();
  }
});
