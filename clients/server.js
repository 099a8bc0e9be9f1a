// The server that `run.js` has started, as the tests see it.
const { CULTUREGRAPH_URL: address } = process.env;
if (!address) throw new Error("run the tests by `npm test`, or set CULTUREGRAPH_URL to a server's address");

/** Where the API is. */
export const endpoint = `${address.replace(/\/$/, "")}/graphql`;

/** What a plain request answers: what clients found is compared with it. */
export async function ask(query, variables) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Ids of Hà Nội, which nobody asserts, of an initiative, which somebody does, and of a claim, which has no name. */
export async function someRecords() {
  const { city, initiatives, claims } = await ask(`{
    city(by: { slug: "ha-noi" }) { id }
    initiatives(first: 1) { nodes { id } }
    claims(first: 1) { nodes { id } }
  }`);
  return { city: city.id, initiative: initiatives.nodes[0].id, claim: claims.nodes[0].id };
}
