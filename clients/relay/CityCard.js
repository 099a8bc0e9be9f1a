// A fragment that other components spread: they do not see what it reads.
const { graphql } = require("relay-runtime");

exports.city = graphql`
  fragment CityCard_city on City {
    slug
    name(lang: "en")
    country {
      name(lang: "en")
    }
  }
`;
