// A page of any record, by its id alone, and a fragment on an interface that is fetched again by `node(id:)`.
const { graphql } = require("relay-runtime");

exports.query = graphql`
  query RecordPageQuery($id: ID!, $lang: [Lang!]) {
    node(id: $id) {
      __typename
      id
      ... on Described {
        title: name(lang: $lang)
      }
      ...CityCard_city @alias(as: "city")
      ...RecordPage_sources @alias(as: "sources")
    }
  }
`;

exports.sources = graphql`
  fragment RecordPage_sources on Citable
  @refetchable(queryName: "RecordPageSourcesQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }) {
    modality
    citations(first: $count) {
      nodes {
        id
        quote
      }
    }
  }
`;
