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
