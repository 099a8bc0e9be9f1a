//! Lists of records, asked for page by page.

use std::fmt;

use culturegraph::record::{catalog, def::Shape};
use serde_json::{Map, Value as Json, json};

use super::{
    TestApp, model,
    world::{Made, World},
};

/// A list at the root, or one below a record.
#[derive(Clone)]
pub(crate) struct List {
    /// Type of the records in it.
    pub(crate) of: &'static str,
    /// Field of the list.
    field: &'static str,
    /// Root field of the record above, and its id.
    parent: Option<(&'static str, String)>,
    query: String,
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (root, id) = self.parent.as_ref().map_or(("", ""), |(one, id)| (*one, id));
        write!(f, "{root} {id} {}", self.field)
    }
}

/// A page as it was answered.
#[derive(Debug, PartialEq)]
pub(crate) struct Page {
    pub(crate) ids: Vec<String>,
    pub(crate) cursors: Vec<String>,
    pub(crate) has_next: bool,
    pub(crate) has_previous: bool,
    pub(crate) total: usize,
}

impl List {
    /// The root list of a type.
    pub(crate) fn root(name: &str) -> Self {
        let def = catalog().named(name).expect("it is a record type");
        List::new(def.name, def.many, None, "")
    }

    /// A list field of a record.
    pub(crate) fn below(parent: &Made, field: &'static str) -> Self {
        List::below_with(parent, field, "")
    }

    /// A list field of a record with further arguments.
    pub(crate) fn below_with(parent: &Made, field: &'static str, further: &str) -> Self {
        let Shape::Many(many) = &parent.def.fields[field].shape else {
            panic!("{}.{field} is no list", parent.def.name);
        };
        let of = (many.target)().name;
        List::new(of, field, Some((parent.def.one, parent.id.clone())), further)
    }

    fn new(
        of: &'static str,
        field: &'static str,
        parent: Option<(&'static str, String)>,
        further: &str,
    ) -> Self {
        let mut variables = "$first: Int, $after: String".to_owned();
        let mut arguments = format!("{further} first: $first, after: $after");
        // Lists of several types have no conditions and orders of one.
        if catalog().named(of).is_some() {
            variables += &format!(", $filter: {of}Filter, $orderBy: [{of}Order!]");
            arguments += ", filter: $filter, orderBy: $orderBy";
        }
        if parent.is_none() {
            variables += ", $last: Int, $before: String";
            arguments += ", last: $last, before: $before";
        }
        let list = format!(
            "list: {field}({arguments}) {{
                nodes {{ id }}
                edges {{ cursor node {{ id }} }}
                pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
                totalCount
            }}"
        );
        let query = match &parent {
            None => format!("query({variables}) {{ {list} }}"),
            Some((one, id)) => {
                format!("query({variables}) {{ {one}(by: {{ id: \"{id}\" }}) {{ {list} }} }}")
            }
        };
        List { of, field, parent, query }
    }

    pub(crate) fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    /// The records of the list that meet the filter, as the world knows them.
    pub(crate) fn expected<'w>(&self, world: &'w World, filter: Option<&Json>) -> Vec<&'w Made> {
        let all: Vec<&Made> = match &self.parent {
            None => world.all(self.of).collect(),
            Some((_, id)) => model::list(world, world.get(id), self.field),
        };
        let empty = json!({});
        let filter = filter.unwrap_or(&empty);
        all.into_iter().filter(|record| model::is_listed(world, record, filter)).collect()
    }

    /// The answer to these arguments, with its errors.
    pub(crate) async fn ask(&self, app: &TestApp, arguments: &Json) -> Json {
        app.query(&self.query, arguments.clone()).await
    }

    pub(crate) async fn page(&self, app: &TestApp, arguments: &Json) -> Page {
        let answer = app.data(&self.query, arguments.clone()).await;
        let list = match &self.parent {
            None => &answer["list"],
            Some((one, _)) => &answer[one]["list"],
        };
        let texts = |items: &Json, pointer: &str| -> Vec<String> {
            let items = items.as_array().unwrap().iter();
            items.map(|it| it.pointer(pointer).unwrap().as_str().unwrap().to_owned()).collect()
        };
        let info = &list["pageInfo"];
        let page = Page {
            ids: texts(&list["nodes"], "/id"),
            cursors: texts(&list["edges"], "/cursor"),
            has_next: info["hasNextPage"].as_bool().unwrap(),
            has_previous: info["hasPreviousPage"].as_bool().unwrap(),
            total: usize::try_from(list["totalCount"].as_u64().unwrap()).unwrap(),
        };
        assert_eq!(texts(&list["edges"], "/node/id"), page.ids);
        assert_eq!(info["startCursor"].as_str(), page.cursors.first().map(String::as_str));
        assert_eq!(info["endCursor"].as_str(), page.cursors.last().map(String::as_str));
        page
    }

    /// Ids of all pages, read forwards.
    pub(crate) async fn all_pages(
        &self,
        app: &TestApp,
        arguments: &Json,
        size: usize,
    ) -> Vec<String> {
        let mut ids = Vec::new();
        let mut arguments = with(arguments, "first", size.into());
        loop {
            let page = self.page(app, &arguments).await;
            assert!(page.ids.len() == size || !page.has_next, "{page:?}");
            ids.extend(page.ids);
            if !page.has_next {
                return ids;
            }
            arguments["after"] = page.cursors.last().cloned().into();
        }
    }
}

/// Arguments with one more.
pub(crate) fn with(arguments: &Json, name: &str, value: Json) -> Json {
    let mut arguments: Map<String, Json> = arguments.as_object().cloned().unwrap_or_default();
    arguments.insert(name.to_owned(), value);
    arguments.into()
}
