// A list in a list: the initiatives of a city, and what is claimed of each of them.
const { graphql } = require("relay-runtime");

exports.query = graphql`
  query CityPlansQuery($slug: String!, $count: Int!) {
    city(by: { slug: $slug }) {
      ...CityPlans_city @arguments(count: $count)
    }
  }
`;

exports.city = graphql`
  fragment CityPlans_city on City
  @refetchable(queryName: "CityPlansPaginationQuery")
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" }) {
    initiatives(first: $count, after: $cursor) @connection(key: "CityPlans_initiatives") {
      totalCount
      edges {
        node {
          id
          ...CityPlans_initiative @arguments(count: $count)
        }
      }
    }
  }
`;

exports.initiative = graphql`
  fragment CityPlans_initiative on Initiative
  @refetchable(queryName: "CityPlansInitiativePaginationQuery")
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" }) {
    claims(first: $count, after: $cursor) @connection(key: "CityPlans_claims") {
      totalCount
      edges {
        node {
          id
        }
      }
    }
  }
`;
