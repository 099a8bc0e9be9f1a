// What the editor shows is sent as it is, but the page takes note of which operations that are, and of the document as it is
// parsed, a moment later. Who changes the tab and runs it at once would ask for the operation of the tab before, which the
// document does not have, and a subscription would not go over the WebSocket.
import { parse } from "graphql";

/** What is sent and how, with the facts of the very document that is sent. */
export function withOwnFacts(params, options) {
  let documentAST;
  try {
    documentAST = parse(params.query);
  } catch {
    // The server says what is wrong with it.
    return [params, options];
  }
  const operations = documentAST.definitions.filter(({ kind }) => kind === "OperationDefinition");
  const isKnown = operations.some(({ name }) => name?.value === params.operationName);
  // Of several none is chosen for the reader.
  const operationName = isKnown || operations.length !== 1 ? params.operationName : operations[0].name?.value;
  return [{ ...params, operationName }, { ...options, documentAST }];
}
