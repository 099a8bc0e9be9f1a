//! No operation reads more rows than it was priced at, whatever it asks: documents by chance, over the whole schema.

use std::{collections::HashMap, fmt::Write, sync::LazyLock};

use async_graphql::{
    Name,
    parser::{
        parse_schema,
        types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition},
    },
};
use serde_json::{Value as Json, json};

use crate::app::{Answer, TestApp, chance::Chance, fixtures};

on_both!(documents_by_chance_read_no_more_than_they_were_priced_at);

struct Schema {
    fields: HashMap<Name, Vec<FieldDefinition>>,
    /// The objects of interfaces and unions.
    objects: HashMap<Name, Vec<Name>>,
    enums: HashMap<Name, Vec<Name>>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut schema =
        Schema { fields: HashMap::new(), objects: HashMap::new(), enums: HashMap::new() };
    let sdl = culturegraph::schema::sdl();
    for definition in parse_schema(sdl).expect("the schema parses").definitions {
        let TypeSystemDefinition::Type(ty) = definition else { continue };
        let name = ty.node.name.node;
        let fields = |fields: Vec<async_graphql::Positioned<FieldDefinition>>| {
            fields.into_iter().map(|field| field.node).collect()
        };
        match ty.node.kind {
            TypeKind::Object(it) => {
                for interface in it.implements {
                    schema.objects.entry(interface.node).or_default().push(name.clone());
                }
                schema.fields.insert(name, fields(it.fields));
            }
            TypeKind::Interface(it) => {
                schema.fields.insert(name, fields(it.fields));
            }
            TypeKind::Union(it) => {
                let members = it.members.into_iter().map(|member| member.node);
                schema.objects.entry(name.clone()).or_default().extend(members);
                schema.fields.insert(name, vec![]);
            }
            TypeKind::Enum(it) => {
                let values = it.values.into_iter().map(|value| value.node.value.node);
                schema.enums.insert(name, values.collect());
            }
            _ => {}
        }
    }
    schema
});

/// A document in the making.
struct Document<'c> {
    chance: &'c mut Chance,
    /// Ids and slugs that are there.
    keys: &'c [(String, String)],
    text: String,
    aliases: usize,
}

fn named(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(ty) => named(ty),
    }
}

impl Document<'_> {
    fn set(&mut self, on: &Name, depth: usize) {
        self.text.push_str("{ ");
        let fields = &SCHEMA.fields[on];
        for _ in 0..1 + self.chance.below(4) {
            if let Some(objects) = SCHEMA.objects.get(on)
                && (fields.is_empty() || self.chance.one_in(3))
            {
                let object = &objects[self.chance.below(objects.len())];
                write!(self.text, "... on {object} ").unwrap();
                self.set(object, depth);
            } else if fields.is_empty() || depth == 0 || self.chance.one_in(12) {
                self.text.push_str("__typename ");
            } else {
                // Those that lead on are of more interest, and stand among many others.
                let mut field = &fields[self.chance.below(fields.len())];
                for _ in 0..3 {
                    if !SCHEMA.fields.contains_key(named(&field.ty.node)) {
                        field = &fields[self.chance.below(fields.len())];
                    }
                }
                self.field(field, depth);
            }
        }
        self.text.push_str("} ");
    }

    fn field(&mut self, field: &FieldDefinition, depth: usize) {
        let mut arguments = Vec::new();
        for argument in &field.arguments {
            let (name, ty) = (&argument.node.name.node, &argument.node.ty.node);
            let is_required = !ty.nullable && argument.node.default_value.is_none();
            if is_required || matches!(name.as_str(), "first" | "last") && self.chance.one_in(2) {
                match self.value(name, ty) {
                    Some(value) => arguments.push(format!("{name}: {value}")),
                    None if is_required => return self.text.push_str("__typename "),
                    None => {}
                }
            }
        }
        if self.chance.one_in(4) && self.aliases < 25 {
            write!(self.text, "a{}: ", self.aliases).unwrap();
            self.aliases += 1;
        }
        write!(self.text, "{} ", field.name.node).unwrap();
        if !arguments.is_empty() {
            write!(self.text, "({}) ", arguments.join(", ")).unwrap();
        }
        if self.chance.one_in(10) {
            let directive = ["@include(if: $yes) ", "@skip(if: $yes) "][self.chance.below(2)];
            self.text.push_str(directive);
        }
        let below = named(&field.ty.node);
        if SCHEMA.fields.contains_key(below) {
            self.set(below, depth - 1);
        }
    }

    fn value(&mut self, argument: &str, ty: &Type) -> Option<String> {
        let (id, slug) = &self.keys[self.chance.below(self.keys.len())];
        Some(match (argument, named(ty).as_str()) {
            ("first" | "last", _) if self.chance.one_in(3) => "$n".to_owned(),
            ("first" | "last", _) => (1 + self.chance.below(5)).to_string(),
            ("ids", _) => {
                let ids = (0..self.chance.below(4)).map(|_| {
                    let (id, _) = &self.keys[self.chance.below(self.keys.len())];
                    format!("{id:?}")
                });
                format!("[{}]", ids.collect::<Vec<_>>().join(", "))
            }
            ("id", _) => format!("{id:?}"),
            ("by", _) if self.chance.one_in(2) => format!("{{ id: {id:?} }}"),
            ("by", _) => format!("{{ slug: {slug:?} }}"),
            ("date", _) => "\"2021-06-01\"".to_owned(),
            ("from", _) => "\"vi\"".to_owned(),
            ("to", _) => "\"en\"".to_owned(),
            ("scheme" | "values", _) => "\"GEONAMES\"".to_owned(),
            (_, name) => {
                let values = SCHEMA.enums.get(name)?;
                values[self.chance.below(values.len())].to_string()
            }
        })
    }
}

async fn documents_by_chance_read_no_more_than_they_were_priced_at(app: TestApp) {
    fixtures::by_chance().write(&app).await;
    let keys = keys(&app).await;
    let mut chance = Chance::new(23);
    let (mut read, mut told) = (0, HashMap::<String, usize>::new());
    for _ in 0..1_500 {
        let mut document =
            Document { chance: &mut chance, keys: &keys, text: String::new(), aliases: 0 };
        document.set(&Name::new("Query"), 7);
        // A variable that nobody uses is a mistake.
        let declared = [("$n", "$n: Int = 3 "), ("$yes", "$yes: Boolean! ")];
        let used = declared.iter().filter(|(name, _)| document.text.contains(name));
        let used: String = used.map(|(_, declaration)| *declaration).collect();
        let head = if used.is_empty() { String::new() } else { format!("query ({used}) ") };
        let text = head + &document.text;
        let variables = match chance.below(3) {
            0 => json!({ "yes": true }),
            1 => json!({ "yes": false, "n": 1 }),
            _ => json!({ "yes": false, "n": 4 }),
        };

        let answer = app.post(json!({ "query": &text, "variables": &variables })).await;

        *told.entry(answer.code()).or_default() += 1;
        assert!(answer.status.as_u16() < 500 && !answer.text().contains("INTERNAL"), "{text}");
        if let Some((requested, rows)) = cost(&answer) {
            assert!(rows <= requested, "{rows} of {requested}: {text}\n{variables}");
            read += usize::from(rows > 0);
        }
    }

    // What cannot be one field is refused, and more; enough is left.
    assert!(read > 300, "{read} {told:?}");
}

/// Ids and slugs of some records of each kind.
async fn keys(app: &TestApp) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    for list in [
        "cities",
        "countries",
        "persons",
        "organizations",
        "initiatives",
        "memberships",
        "goals",
        "documents",
    ] {
        let nodes = "{ nodes { id slug } }";
        let list_name = if list == "persons" { "officials" } else { list };
        let data = app.data(&format!("{{ list: {list_name}(first: 3) {nodes} }}"), json!({})).await;
        for node in data["list"]["nodes"].as_array().into_iter().flatten() {
            let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
            keys.push((text("id"), text("slug")));
        }
    }
    assert!(keys.len() > 10);
    keys
}

/// What was requested, and how many rows were read.
fn cost(answer: &Answer) -> Option<(u64, u64)> {
    let body: Json = answer.json();
    let cost = &body["extensions"]["cost"];
    Some((cost["requested"].as_u64()?, cost["rows"].as_u64()?))
}
