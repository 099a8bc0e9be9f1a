// The page takes note of another tab's operation a moment after it shows it: who runs it at once would ask for the operation
// of the tab before, which the document does not have.
import { parse } from "graphql";

/** The request without the name of an operation that its document does not have, where it has only one. */
export function withKnownOperation(params) {
  const { operationName, ...others } = params;
  if (!operationName) return params;
  let operations;
  try {
    operations = parse(params.query).definitions.filter(({ kind }) => kind === "OperationDefinition");
  } catch {
    // The server says what is wrong with it.
    return params;
  }
  const isKnown = operations.some(({ name }) => name?.value === operationName);
  return isKnown || operations.length !== 1 ? params : others;
}
