// A list at the root: forwards as a page of a website shows it, and backwards.
const { graphql } = require("relay-runtime");

// Relay sends null for a variable that is left out, and a filter is never null: its default is one that takes all.
exports.query = graphql`
  query MembershipsQuery($count: Int!, $filter: MembershipFilter = {}) {
    ...Memberships_list @arguments(count: $count, filter: $filter)
  }
`;

exports.list = graphql`
  fragment Memberships_list on Query
  @refetchable(queryName: "MembershipsPaginationQuery")
  @argumentDefinitions(
    count: { type: "Int!" }
    cursor: { type: "String" }
    filter: { type: "MembershipFilter", defaultValue: {} }
  ) {
    memberships(first: $count, after: $cursor, filter: $filter, orderBy: [{ field: NAME, lang: "en" }])
      @connection(key: "Memberships_memberships") {
      totalCount
      edges {
        node {
          id
          name(lang: "en")
          city {
            id
            ...CityCard_city
          }
        }
      }
    }
  }
`;

exports.backwardsQuery = graphql`
  query MembershipsBackwardsQuery($count: Int!) {
    ...Memberships_backwards @arguments(count: $count)
  }
`;

exports.backwards = graphql`
  fragment Memberships_backwards on Query
  @refetchable(queryName: "MembershipsBackwardsPaginationQuery")
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" }) {
    memberships(last: $count, before: $cursor, orderBy: [{ field: NAME, lang: "en" }])
      @connection(key: "Memberships_backwards_memberships") {
      edges {
        node {
          id
        }
      }
    }
  }
`;
