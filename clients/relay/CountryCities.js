// A list of a record, which goes on by `node(id:)`.
const { graphql } = require("relay-runtime");

exports.query = graphql`
  query CountryCitiesQuery($alpha2Code: String!, $count: Int!) {
    country(by: { alpha2Code: $alpha2Code }) {
      ...CountryCities_country @arguments(count: $count)
    }
  }
`;

exports.country = graphql`
  fragment CountryCities_country on Country
  @refetchable(queryName: "CountryCitiesPaginationQuery")
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" }) {
    cities(first: $count, after: $cursor) @connection(key: "CountryCities_cities") {
      totalCount
      edges {
        node {
          id
          ...CityCard_city
        }
      }
    }
  }
`;
