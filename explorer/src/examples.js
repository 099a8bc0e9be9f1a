// The tabs of a reader who comes for the first time: the files of examples/ in the order of their names.
const queries = import.meta.glob("../examples/*.graphql", { query: "?raw", import: "default", eager: true });
const variables = import.meta.glob("../examples/*.json", { query: "?raw", import: "default", eager: true });

export const examples = Object.keys(queries)
  .sort()
  .map((path) => ({ query: queries[path], variables: variables[path.replace(/graphql$/, "json")] }));
