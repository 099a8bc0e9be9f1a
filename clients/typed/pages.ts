// What a website does with typed documents. Compiled, and then run against the server.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";

import { unmask } from "./__generated__/fragment-masking.js";
import {
  AnyRecordDocument,
  CitiesByDocument,
  CityPageDocument,
  MembersDocument,
  NamedFragmentDoc,
  SourcedFragmentDoc,
  ValueFragmentDoc,
  type CityBy,
  type ClaimProperty,
  type MembershipFilter,
  type ValueFragment,
} from "./__generated__/graphql.js";

export async function run<Data, Variables>(
  endpoint: string,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
  if (errors) throw new Error(errors.map(({ message }) => message).join("\n"));
  return data;
}

/** A value as text. The compiler knows which fields each type of the union has. */
export function written(value: ValueFragment): string | null {
  switch (value.__typename) {
    case "QuantityValue":
      return `${value.amount} ${value.unit ?? ""}`.trim();
    case "DateValue":
      return value.date.earliest ?? value.date.edtf;
    case "BooleanValue":
      return value.boolean ? "yes" : "no";
    case "RecordValue":
      return value.record ? unmask(NamedFragmentDoc, value.record).name : null;
    default:
      return null;
  }
}

export async function cityPage(endpoint: string, by: CityBy) {
  const property: ClaimProperty[] = ["GOAL", "LIST_IS_OPEN", "POPULATION"];
  const { city } = await run(endpoint, CityPageDocument, { by, lang: "en", property });
  if (!city) return null;
  const { slug, name } = unmask(NamedFragmentDoc, city);
  const claims = city.claims.nodes.map((claim) => ({
    property: claim.property,
    value: written(unmask(ValueFragmentDoc, claim.value)),
    quote: unmask(SourcedFragmentDoc, claim).citations.nodes[0]?.quote ?? null,
  }));
  return { slug, name, population: city.population, updated: new Date(city.updatedAt), claims };
}

export async function members(endpoint: string, filter: MembershipFilter, first: number) {
  const ids: string[] = [];
  let after: string | null | undefined;
  let totalCount: number;
  do {
    const { memberships } = await run(endpoint, MembersDocument, {
      filter,
      orderBy: [{ field: "START_DATE", direction: "DESC", nulls: "LAST" }],
      first,
      after,
    });
    ids.push(...memberships.edges.map(({ node }) => node.id));
    totalCount = memberships.totalCount;
    after = memberships.pageInfo.hasNextPage ? memberships.pageInfo.endCursor : null;
  } while (after);
  return { ids, totalCount };
}

export async function anyRecord(endpoint: string, id: string) {
  const { node } = await run(endpoint, AnyRecordDocument, { id, lang: ["en"] });
  return node;
}

export async function greatestCountries(endpoint: string) {
  const { cityStats } = await run(endpoint, CitiesByDocument, { groupBy: ["COUNTRY"] });
  return cityStats.groups.map(({ country, count }) => ({ country: country?.alpha2Code ?? null, count }));
}
