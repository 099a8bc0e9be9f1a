//! The root fields of each record type, as the schema shows them.
use async_graphql::registry::{MetaField, MetaType};

use super::{
    catalog,
    def::{Argument, Def},
    group::{DEFAULT_GROUPS, MOST_GROUPS},
    meta::{add_argument, field, object},
    page::{DEFAULT_PAGE, LARGEST_PAGE, long_pages},
    root::{Pages, RootQuery},
};

/// The root type, with the fields that are wanted.
pub(super) fn query(rust_typename: &'static str, is_wanted: impl Fn(&str) -> bool) -> MetaType {
    let mut fields = Vec::new();
    for def in catalog().defs() {
        fields.extend(root_fields(def));
    }
    for query in catalog().parts.queries.iter().filter(|it| is_wanted(it.name)) {
        fields.push(field(query.name, query.ty, query.about, &arguments(query)));
    }
    object(
        "Query".into(),
        "Everything that can be read. Lists show published records only.",
        fields,
        rust_typename,
    )
}

fn root_fields(def: &'static Def) -> Vec<MetaField> {
    let mut one = field(
        def.one,
        def.name,
        &format!("{} by key; null when there is none.", with_article(def.name)),
        &[],
    );
    add_argument(
        &mut one,
        &Argument::new("by", leak(format!("{}By!", def.name)), "Exactly one key."),
    );
    let about = &format!("List of all {}. {}", words(def.many), default_order(def));
    let mut many = field(def.many, &format!("{}Connection!", def.name), about, &[]);
    for argument in list_arguments(def, true) {
        add_argument(&mut many, &argument);
    }
    let mut fields = vec![one, many];
    if !def.groups.is_empty() {
        let about = &format!("Counts of {} by group, without reading them.", words(def.many));
        let mut stats =
            field(&format!("{}Stats", def.one), &format!("{}Stats!", def.name), about, &[]);
        let groups = leak(format!("Number of groups, 1 to {MOST_GROUPS}."));
        for argument in [
            Argument::new(
                "filter",
                leak(format!("{}Filter", def.name)),
                "Count matching records only.",
            ),
            Argument::new(
                "groupBy",
                leak(format!("[{}GroupBy!]!", def.name)),
                "1 to 3 different keys.",
            ),
            Argument::new("orderBy", "StatsOrder!", "Order of the groups.").with_default("COUNT"),
            Argument::new("first", "Int!", groups).with_default(leak(DEFAULT_GROUPS.to_string())),
        ] {
            add_argument(&mut stats, &argument);
        }
        fields.push(stats);
    }
    fields
}

pub(super) fn list_arguments(def: &'static Def, both_ways: bool) -> Vec<Argument> {
    let mut arguments = Vec::with_capacity(6);
    if !def.filters.is_empty() {
        let filter = leak(format!("{}Filter", def.name));
        arguments.push(Argument::new(
            "filter",
            filter,
            "Only records that meet it; null is an error.",
        ));
    }
    if !def.orders.is_empty() {
        let order = leak(format!("[{}Order!]", def.name));
        let about = "Keys of the order, at most 5, each once; the id decides last.";
        arguments.push(Argument::new("orderBy", order, about));
    }
    arguments.extend(page_arguments(both_ways.then_some(def)));
    if both_ways {
        arguments.push(Argument::new("last", "Int", "Page size backwards, instead of `first`."));
        arguments.push(Argument::new("before", "String", "Cursor to go on before, with `last`."));
    }
    arguments
}

/// Size and place of a page that is read forwards; of a root list of records it can be longer.
fn page_arguments(root: Option<&Def>) -> [Argument; 2] {
    let mut size = format!("Page size, 1 to {LARGEST_PAGE}; {DEFAULT_PAGE} by default.");
    if let Some(long) = root.and_then(long_pages) {
        size += &format!(" Or {long}.");
    }
    [
        Argument::new("first", "Int", leak(size)),
        Argument::new("after", "String", "Cursor to go on after."),
    ]
}

/// The arguments of a root field that is not of one record type.
fn arguments(query: &RootQuery) -> Vec<Argument> {
    let mut arguments = query.arguments.to_vec();
    match query.pages {
        Pages::None | Pages::Few(_) => {}
        Pages::Forwards => arguments.extend(page_arguments(None)),
        Pages::Of(def) => arguments.extend(list_arguments(def(), true)),
    }
    arguments
}

/// "Default order: start date, latest first, then city name."
fn default_order(def: &Def) -> String {
    let keys: Vec<String> = def
        .default_order
        .iter()
        .map(|(column, descending)| {
            let name = words_of_column(&def.columns[*column].name);
            match (*column == def.id, *descending) {
                (true, false) => "oldest record first".to_owned(),
                (true, true) => "newest record first".to_owned(),
                (false, false) => name,
                (false, true) => format!("{name}, greatest first"),
            }
        })
        .collect();
    match keys.is_empty() {
        true => "Default order: oldest record first.".to_owned(),
        false => format!("Default order: {}.", keys.join(", then ")),
    }
}

pub(super) fn words_of_column(name: &str) -> String {
    match name {
        "sort_name" => "name".to_owned(),
        name => name.trim_end_matches("_earliest").trim_end_matches("_id").replace('_', " "),
    }
}

pub(super) fn words(camel: &str) -> String {
    super::def::upper(camel).to_lowercase().replace('_', " ").trim().to_owned()
}

pub(super) fn with_article(name: &str) -> String {
    let words = words(name);
    let article = if words.starts_with(['a', 'e', 'i', 'o', 'u']) { "An" } else { "A" };
    format!("{article} {words}")
}

/// Names made at start, once, for the life of the process.
fn leak(text: String) -> &'static str {
    text.leak()
}
