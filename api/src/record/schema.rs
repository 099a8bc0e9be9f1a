//! Definitions as GraphQL types. They go into async-graphql's registry as data, so that a record type more costs no code.
use async_graphql::{
    Value,
    indexmap::{IndexMap, IndexSet},
    registry::{MetaField, MetaInputValue, MetaType, Registry},
};

use super::{
    catalog,
    def::{Argument, Def, Field, Shape},
    enum_value,
    federation::ANY,
    filter::FilterKind,
    meta::{add_argument, enum_value as meta_enum_value, field, input_value, object, union_type},
    object::ObjectShape,
    operand,
    page::LARGEST_PAGE,
    relation::{Abstract, EdgeType, Many, Members},
    root_schema::{list_arguments, with_article, words},
    shape::{EnumType, InputShape, JSON, ScalarType},
};

/// Puts the types of the catalog into the registry; of the catalog's parts only scalars, objects and abstract types with
/// names that are wanted.
pub fn register(registry: &mut Registry, is_wanted: impl Fn(&str) -> bool) {
    let catalog = catalog();
    let mut types = Types { registry };
    for scalar in catalog.parts.scalars.iter().filter(|it| is_wanted(it.name)) {
        types.scalar(scalar);
    }
    for of in catalog.parts.enums.iter().chain(ENUMS) {
        types.enumeration(
            of.name.to_owned(),
            of.about.to_owned(),
            of.values.iter().map(|(n, a)| ((*n).to_owned(), *a)),
        );
    }
    let record_types = catalog.defs().iter().map(|def| (enum_value(def), def.about));
    types.enumeration("RecordType".into(), "What a record can be.".into(), record_types);
    for shape in catalog.parts.inputs.iter().chain(operand::INPUTS).chain(INPUTS) {
        let fields =
            shape.fields.iter().map(|(n, ty, a)| input_value(n, (*ty).to_owned(), a, None));
        types.input(shape.name.to_owned(), shape.about, fields.collect(), shape.one_of);
    }
    for shape in catalog.parts.objects.iter().filter(|it| is_wanted(it.name)) {
        types.value_object(shape);
    }
    let page_info = PAGE_INFO.iter().map(|(name, ty, about)| field(name, ty, about, &[]));
    types.object("PageInfo".into(), "Where a page stands in its list.", page_info.collect());
    for def in catalog.defs() {
        types.record(def);
        types.inputs(def);
    }
    for view in catalog.views() {
        types.record(view);
    }
    for of in catalog.parts.abstracts.iter().filter(|it| is_wanted(it.name)) {
        types.abstract_type(of);
    }
}

struct Types<'a> {
    registry: &'a mut Registry,
}

impl Types<'_> {
    fn put(&mut self, name: String, ty: MetaType) {
        let before = self.registry.types.insert(name.clone(), ty);
        assert!(before.is_none(), "the type {name} is defined twice");
    }

    fn object(&mut self, name: String, about: &str, fields: Vec<MetaField>) {
        self.put(name.clone(), object(name, about, fields, "record"));
    }

    fn value_object(&mut self, shape: &ObjectShape) {
        let lang = [LANG];
        let fields = shape
            .fields
            .iter()
            .map(|it| field(it.name, it.ty, it.about, if it.lang { &lang } else { &[] }));
        self.object(shape.name.to_owned(), shape.about, fields.collect());
    }

    fn record(&mut self, def: &'static Def) {
        let fields = def.fields.iter().map(|(name, it)| self.field(name, it)).collect();
        self.object(def.name.to_owned(), def.about, fields);
        for interface in &def.interfaces {
            self.registry.add_implements(def.name, interface);
        }
        if !def.is_listed {
            return;
        }
        let edges = vec![
            field("cursor", "String!", "Opaque place in the list, for `after` and `before`.", &[]),
            field("node", &format!("{}!", def.name), "The record at this place.", &[]),
        ];
        self.connection(def.name, def.name, edges);
    }

    /// Filters, orders, groups and keys of a record type.
    fn inputs(&mut self, def: &'static Def) {
        self.filters(def);
        self.orders(def);
        self.groups(def);
        let mut keys =
            vec![input_value("id", "ID".into(), "Id, also of a record merged into it.", None)];
        if def.is_described() {
            keys.push(input_value("slug", "String".into(), "Slug, also a former one.", None));
        }
        keys.push(input_value("identifier", "IdentifierKey".into(), "Identifier elsewhere.", None));
        for name in def.keys.keys() {
            keys.push(input_value(name, "String".into(), def.fields[name].about, None));
        }
        let about = &format!("Exactly one key of {}.", with_article(def.name).to_lowercase());
        self.input(format!("{}By", def.name), about, keys, true);
    }

    fn connection(&mut self, node: &str, name: &str, edge: Vec<MetaField>) {
        let about = &format!(
            "A page of {} records, in the order of the list; at most {LARGEST_PAGE}.",
            words(node)
        );
        let fields = vec![
            field("edges", &format!("[{name}Edge!]!"), "The page, with cursors.", &[]),
            field("nodes", &format!("[{node}!]!"), "The page, without cursors.", &[]),
            field("pageInfo", "PageInfo!", "Where the page stands in the list.", &[]),
            field(
                "totalCount",
                "Int!",
                "Records in the whole list; counted only when asked for.",
                &[],
            ),
        ];
        self.object(format!("{name}Connection"), about, fields);
        let about = &format!("One place in a list of {} records.", words(node));
        self.object(format!("{name}Edge"), about, edge);
    }

    fn field(&mut self, name: &'static str, of: &'static Field) -> MetaField {
        match &of.shape {
            Shape::Many(many) if many.single => {
                field(name, many.node_type(), of.about, &of.arguments)
            }
            Shape::Many(many) if many.plain => {
                field(name, &format!("[{}!]!", many.node_type()), of.about, &of.arguments)
            }
            Shape::Many(many) => {
                self.list_types(many);
                let target = (many.target)();
                let ty = &format!("{}Connection!", many.connection);
                let mut meta = field(name, ty, of.about, &of.arguments);
                for argument in list_arguments(target, false) {
                    add_argument(&mut meta, &argument);
                }
                meta
            }
            Shape::Variants { variants, .. } => {
                let union = of.ty.trim_end_matches('!').to_owned();
                // Several types have values of the same kinds.
                if self.registry.types.contains_key(&union) {
                    return field(name, &of.ty, of.about, &of.arguments);
                }
                for variant in variants {
                    let fields =
                        variant.fields.iter().map(|(name, it)| self.field(name, it)).collect();
                    self.object(variant.name.to_owned(), variant.about, fields);
                }
                let members = variants.iter().map(|variant| variant.name.to_owned()).collect();
                self.put(union.clone(), union_type(union, of.about, members));
                field(name, &of.ty, of.about, &of.arguments)
            }
            _ => field(name, &of.ty, of.about, &of.arguments),
        }
    }

    /// The connection and edge types of a list whose edges have a field of their own.
    fn list_types(&mut self, many: &'static Many) {
        let target = (many.target)();
        let name = format!("{}Edge", many.connection);
        if many.connection == target.name || self.registry.types.contains_key(&name) {
            return;
        }
        let mut edge = vec![
            field("cursor", "String!", "Opaque place in the list, for `after`.", &[]),
            field("node", &format!("{}!", many.node_type()), "The record at this place.", &[]),
        ];
        if let Some(own) = &many.edge {
            let ty = match own.ty {
                EdgeType::One(target) => target().name,
                EdgeType::Text(ty) => ty,
            };
            edge.push(field(own.name, ty, own.about, &[]));
        }
        self.connection(many.node_type(), many.connection, edge);
    }

    fn filters(&mut self, def: &'static Def) {
        let name = format!("{}Filter", def.name);
        let mut fields = vec![
            input_value("and", format!("[{name}!]"), "All of these hold; at most 20.", None),
            input_value("or", format!("[{name}!]"), "At least one of these holds; 1 to 20.", None),
            input_value(
                "not",
                name.clone(),
                "This does not hold; true of missing values too.",
                None,
            ),
        ];
        for (field, filter) in &def.filters {
            fields.push(input_value(field, filter_type(def, &filter.kind), filter.about, None));
        }
        let about = "Conditions on a record; all of them hold. An empty filter matches every record, null is an error.";
        self.input(name.clone(), about, fields, false);
        let fields = vec![
            input_value("some", name.clone(), "At least one matches.", None),
            input_value("every", name.clone(), "All match; also true of an empty list.", None),
            input_value("none", name, "None matches.", None),
        ];
        let about = "Conditions on a list of records; all that are given hold.";
        self.input(format!("{}ListFilter", def.name), about, fields, false);
    }

    fn orders(&mut self, def: &'static Def) {
        let field = format!("{}OrderField", def.name);
        let values = def.orders.iter().map(|(name, order)| (name.clone(), order.about));
        let about = format!("What {} can be ordered by.", words(def.many));
        self.enumeration(field.clone(), about, values);
        let mut fields = vec![
            input_value("field", format!("{field}!"), "What to order by.", None),
            input_value(
                "direction",
                "OrderDirection!".into(),
                "Direction of the values.",
                Some("ASC"),
            ),
            input_value(
                "nulls",
                "NullsOrder!".into(),
                "Place of missing values, whatever the direction.",
                Some("LAST"),
            ),
        ];
        if def.is_described() {
            let about = "With `NAME`: language of names and alphabet, `vi` or `en`; the record's own when absent.";
            fields.push(input_value("lang", "Lang".into(), about, None));
        }
        self.input(
            format!("{}Order", def.name),
            "One key of an order; the id always decides last.",
            fields,
            false,
        );
    }

    fn groups(&mut self, def: &'static Def) {
        if def.groups.is_empty() {
            return;
        }
        let keys = def.groups.iter().map(|group| (group.key.to_owned(), group.about));
        let about = format!("What {} can be grouped by.", words(def.many));
        self.enumeration(format!("{}GroupBy", def.name), about, keys);
        let mut fields = vec![field("count", "Int!", "Records in the group.", &[])];
        for group in &def.groups {
            let ty = group.target.map_or("Int", |target| target().name);
            fields.push(field(group.field, ty, group.about, &[]));
        }
        let about =
            "One group. A key is null when it was not asked for or its records have no value.";
        self.object(format!("{}Group", def.name), about, fields);
        let fields = vec![
            field("totalCount", "Int!", "Records that match the filter, each counted once.", &[]),
            field("groupCount", "Int!", "Groups in all, also those left off.", &[]),
            field(
                "groups",
                &format!("[{}Group!]!", def.name),
                "Groups in the order asked for; at most `first`.",
                &[],
            ),
        ];
        let about = &format!("Counts of {} by group.", words(def.many));
        self.object(format!("{}Stats", def.name), about, fields);
    }

    fn abstract_type(&mut self, of: &'static Abstract) {
        let types = of.types();
        let names: IndexSet<String> = types.iter().map(|def| def.name.to_owned()).collect();
        let ty = match of.members {
            Members::All | Members::Listed(_) => union_type(of.name.to_owned(), of.about, names),
            Members::Implementing { extends, fields } => {
                // Every implementing type has these fields from the same definition.
                let Some(first) = types.first() else { return };
                let fields = fields()
                    .into_iter()
                    .filter_map(|name| Some(self.interface_field(name, first.fields.get(name)?)));
                let fields: IndexMap<String, MetaField> = fields.collect();
                for interface in extends {
                    self.registry.add_implements(of.name, interface);
                }
                MetaType::Interface {
                    name: of.name.to_owned(),
                    description: Some(of.about.to_owned()),
                    fields,
                    possible_types: names,
                    extends: false,
                    keys: None,
                    visible: None,
                    inaccessible: false,
                    tags: vec![],
                    rust_typename: Some("record"),
                    directive_invocations: vec![],
                    requires_scopes: vec![],
                }
            }
        };
        self.put(of.name.to_owned(), ty);
    }

    fn interface_field(&mut self, name: &'static str, of: &'static Field) -> (String, MetaField) {
        (name.to_owned(), self.field(name, of))
    }

    fn input(&mut self, name: String, about: &str, fields: Vec<MetaInputValue>, oneof: bool) {
        let ty = MetaType::InputObject {
            name: name.clone(),
            description: Some(about.to_owned()),
            input_fields: fields.into_iter().map(|field| (field.name.clone(), field)).collect(),
            visible: None,
            inaccessible: false,
            tags: vec![],
            rust_typename: Some("record"),
            oneof,
            directive_invocations: vec![],
        };
        self.put(name, ty);
    }

    fn enumeration(
        &mut self,
        name: String,
        about: String,
        values: impl Iterator<Item = (String, &'static str)>,
    ) {
        let ty = MetaType::Enum {
            name: name.clone(),
            description: Some(about),
            enum_values: values
                .map(|(name, about)| (name.clone(), meta_enum_value(name, about)))
                .collect(),
            visible: None,
            inaccessible: false,
            tags: vec![],
            rust_typename: Some("record"),
            directive_invocations: vec![],
            requires_scopes: vec![],
        };
        self.put(name, ty);
    }

    fn scalar(&mut self, scalar: &ScalarType) {
        let ty = MetaType::Scalar {
            name: scalar.name.to_owned(),
            description: Some(scalar.about.to_owned()),
            is_valid: Some(match scalar.name == ANY.name || scalar.name == JSON.name {
                true => std::sync::Arc::new(|_| true),
                false => std::sync::Arc::new(|value| matches!(value, Value::String(_))),
            }),
            visible: None,
            inaccessible: false,
            tags: vec![],
            specified_by_url: Some(scalar.specified_by.to_owned()),
            directive_invocations: vec![],
            requires_scopes: vec![],
        };
        self.put(scalar.name.to_owned(), ty);
    }
}

fn filter_type(def: &'static Def, kind: &FilterKind) -> String {
    match kind {
        FilterKind::Id => "IDFilter".into(),
        FilterKind::Int(_) => "IntFilter".into(),
        FilterKind::Float(_) => "FloatFilter".into(),
        FilterKind::Bool(_) => "Boolean".into(),
        FilterKind::String { .. } => "StringFilter".into(),
        FilterKind::Choice { of, .. } => format!("[{}!]", of.name),
        FilterKind::Langs(_) => "[Lang!]".into(),
        FilterKind::Day(_) => "DateFilter".into(),
        FilterKind::Instant(_) => "DateTimeFilter".into(),
        FilterKind::Date { .. } => "FuzzyDateFilter".into(),
        FilterKind::Point { .. } => "GeoFilter".into(),
        FilterKind::Name => "TextFilter".into(),
        FilterKind::Identifier => "IdentifierFilter".into(),
        FilterKind::One { target, .. } => format!("{}Filter", target().name),
        FilterKind::Any { .. } | FilterKind::Either(_) => "DescribedFilter".into(),
        FilterKind::Many { field } => match &def.fields[*field].shape {
            Shape::Many(many) => format!("{}ListFilter", (many.target)().name),
            _ => unreachable!("made from a list field"),
        },
        FilterKind::Types(_) => "[RecordType!]".into(),
        FilterKind::Custom { ty, .. } => (*ty).to_owned(),
    }
}

const ENUMS: &[&EnumType] = &[
    &EnumType {
        name: "OrderDirection",
        about: "Which way the values of an order run.",
        values: &[
            ("ASC", "Small before large, A before Z, early before late."),
            ("DESC", "The other way round."),
        ],
    },
    &EnumType {
        name: "NullsOrder",
        about: "Where records without a value go.",
        values: &[("FIRST", "Before all others."), ("LAST", "After all others.")],
    },
    &EnumType {
        name: "StatsOrder",
        about: "Order of groups.",
        values: &[
            ("COUNT", "Largest group first, then by key."),
            (
                "KEY",
                "By key: numbers ascending, records as they entered the base; groups without a value last.",
            ),
        ],
    },
];

const INPUTS: &[InputShape] = &[InputShape::new(
    "IdentifierKey",
    "An identifier in another system, as a key.",
    &[
        ("scheme", "String!", "Scheme, e.g. `GEONAMES`."),
        ("value", "String!", "Value in it, e.g. `1581130`."),
    ],
)];

const PAGE_INFO: [(&str, &str, &str); 4] = [
    ("hasNextPage", "Boolean!", "Whether there is more after it."),
    ("hasPreviousPage", "Boolean!", "Whether there is more before it."),
    ("startCursor", "String", "Cursor of its first edge; null on an empty page."),
    ("endCursor", "String", "Cursor of its last edge; null on an empty page."),
];

/// The argument of texts.
pub const LANG: Argument = Argument::new(
    "lang",
    "[Lang!]",
    "Languages wanted, best first; those of `Accept-Language` when absent. Beyond them, the record's own.",
);
