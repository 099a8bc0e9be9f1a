// GraphiQL on the endpoint that is beside this page.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

import { examples } from "./examples.js";
import { withOwnFacts } from "./operation.js";
import "./workers.js";

// The editors bring their own styles. GraphiQL's are taken without the fonts that its complete file has in it.
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./style.css";

// Relative to the page, so that it is found behind a proxy's path as well.
const endpoint = new URL("graphql", document.baseURI);
const subscriptions = new URL(endpoint);
subscriptions.protocol = endpoint.protocol.replace("http", "ws");

// Nothing connects to `subscriptionUrl` before a subscription is run.
const send = createGraphiQLFetcher({
  url: endpoint.href,
  subscriptionUrl: subscriptions.href,
  // The server sends each answer in one piece.
  enableIncrementalDelivery: false,
});
const fetcher = (params, options) => send(...withOwnFacts(params, options));

const explorer = createElement(
  GraphiQL,
  {
    fetcher,
    defaultTabs: examples,
    // Most of the examples have some.
    defaultEditorToolsVisibility: "variables",
    // Deprecated arguments are in the docs too, with the way out.
    inputValueDeprecation: true,
  },
  createElement(GraphiQL.Logo, null, "culturegraph"),
);
createRoot(document.getElementById("explorer")).render(explorer);
