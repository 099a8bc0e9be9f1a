//! The five queries and the variables that they are asked with.
use serde_json::{Value as Json, json};

/// A query, by the name under which the floors have it too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) document: &'static str,
    pub(crate) varies: Varies,
}

/// What differs from request to request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Varies {
    Slug,
    Country,
    /// Where the page begins, in the order of the list.
    After,
}

pub(crate) const QUERIES: [Query; 5] = [
    Query {
        name: "q1",
        about: "one city by slug",
        document: include_str!("../queries/q1.graphql"),
        varies: Varies::Slug,
    },
    Query {
        name: "q2",
        about: "50 cities by name",
        document: include_str!("../queries/q2.graphql"),
        varies: Varies::After,
    },
    Query {
        name: "q3",
        about: "20 cities, 5 officials, 5 initiatives, 3 challenges each",
        document: include_str!("../queries/q3.graphql"),
        varies: Varies::After,
    },
    Query {
        name: "q4",
        about: "filter through relations, 20 of them and their number",
        document: include_str!("../queries/q4.graphql"),
        varies: Varies::Country,
    },
    Query {
        name: "q5",
        about: "all cities by id, a page of 100",
        document: include_str!("../queries/q5.graphql"),
        varies: Varies::After,
    },
];

/// Lists the slugs, or the cursors of a query's own list, a page at a time.
pub(crate) fn walk(query: &Query, after: &Json) -> Json {
    let order = match query.name {
        "q5" => "ID",
        _ => "NAME",
    };
    let document = format!(
        "query ($after: String) {{
            cities(first: 100, after: $after, orderBy: [{{ field: {order} }}]) {{
                edges {{ cursor node {{ slug country {{ alpha2Code }} }} }}
                pageInfo {{ hasNextPage endCursor }}
            }}
        }}"
    );
    json!({ "query": document, "variables": { "after": after } })
}
