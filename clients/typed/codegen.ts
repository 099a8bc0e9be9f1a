import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: "*.graphql",
  importExtension: ".js",
  generates: {
    "__generated__/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "unmask" } },
      config: {
        // A scalar that is not here is an error, and no `any`.
        scalars: {
          Date: "string",
          DateTime: "string",
          Decimal: "string",
          EDTF: "string",
          ID: "string",
          JSON: "unknown",
          Lang: "string",
          URL: "string",
        },
        strictScalars: true,
        enumsAsTypes: true,
        skipTypename: true,
        useTypeImports: true,
      },
    },
  },
};

export default config;
