//! Definitions as data: what a record type is, said once. Everything else in this module reads them.
use std::{
    any::TypeId,
    collections::HashMap,
    marker::PhantomData,
    sync::{OnceLock, RwLock},
};

use indexmap::IndexMap;
use sea_orm::{
    ColumnTrait, EntityName, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn, RelationTrait, RelationType,
};

use super::{
    ask::{Ask, Selected},
    cell::{Cells, Kind},
    filter::{FilterKind, Test},
    relation::{Abstract, Many, One, Resolver, Source, Target},
    write::Store,
};
use crate::error::ApiError;

/// A record type. Implementing it once gives the GraphQL object, connection, filter and order types, keyset pages, counts,
/// batched relations, `node`, `byIdentifier`, and the way into changesets and the log.
pub trait Record: Sized + Send + Sync + 'static {
    type Entity: EntityTrait;
    const NAME: &'static str;
    /// Root field of one record.
    const ONE: &'static str;
    /// Root field of the list.
    const MANY: &'static str;
    const ABOUT: &'static str;
    /// Number of the type in internal ids; never used again for another type.
    const CODE: u16;
    /// What public ids of the type begin with.
    const PREFIX: &'static str;

    fn define(d: &mut Define<Self>);
}

/// A column of the type's table, or an expression over it.
pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub nullable: bool,
    /// SQL with `{t}` for the table's alias; `None` for a column of the table.
    pub expression: Option<String>,
}

/// Renders a value from a row's own cells.
pub type Render = Box<dyn Fn(&mut Vec<u8>, Cells<'_>) + Send + Sync>;
/// Reads the arguments and selections of a value field once; its columns are given in the order of the definition.
pub type PlanValue = fn(&Ask<'_>, &Selected<'_>, &[usize]) -> Result<Render, ApiError>;

/// An argument of a field, as the schema shows it.
#[derive(Clone, Copy)]
pub struct Argument {
    pub name: &'static str,
    pub ty: &'static str,
    pub default: Option<&'static str>,
    pub about: &'static str,
}

impl Argument {
    pub const fn new(name: &'static str, ty: &'static str, about: &'static str) -> Self {
        Argument { name, ty, default: None, about }
    }

    pub const fn with_default(self, default: &'static str) -> Self {
        Argument { default: Some(default), ..self }
    }
}

/// Where the value of a field comes from.
pub enum Shape {
    /// From the row's own cells.
    Value { columns: Vec<usize>, plan: PlanValue },
    /// One of several object types made of the row's own columns; the column's text says which.
    Variants { tag: usize, variants: Vec<Variant> },
    /// Another record, or none.
    One(One),
    /// A list of other records.
    Many(Many),
    /// An ordinary function, for what fits nothing above.
    Resolver(Resolver),
}

/// One of the object types that a value can be.
pub struct Variant {
    pub tag: &'static str,
    pub name: &'static str,
    pub about: &'static str,
    pub fields: IndexMap<&'static str, Field>,
}

pub struct Field {
    pub about: &'static str,
    /// Type reference in GraphQL's syntax; of a list of records only the connection's name is derived from it.
    pub ty: String,
    pub arguments: Vec<Argument>,
    pub shape: Shape,
    /// How a written value becomes cells; `None` for fields that follow from others.
    pub store: Option<Store>,
}

pub struct Filter {
    pub about: &'static str,
    pub kind: FilterKind,
}

/// What a list can be ordered by.
pub struct Order {
    pub about: &'static str,
    pub on: OrderOn,
}

#[derive(Clone, Copy)]
pub enum OrderOn {
    Column(usize),
    /// Sort keys of the name: in the record's own language, in Vietnamese, in English.
    Name { own: usize, vi: usize, en: usize },
}

/// A key that records can be counted by.
pub struct Group {
    /// Value of the `…GroupBy` enum.
    pub key: &'static str,
    /// Field of the group.
    pub field: &'static str,
    pub about: &'static str,
    pub column: usize,
    /// The record that the column's value points to; `None` for a number.
    pub target: Option<fn() -> &'static Def>,
}

/// A finished definition. There is one per record type, for ever.
pub struct Def {
    pub name: &'static str,
    pub one: &'static str,
    pub many: &'static str,
    pub about: &'static str,
    pub code: u16,
    pub prefix: &'static str,
    pub table: String,
    pub columns: Vec<Column>,
    /// The columns `id` and `public_id`.
    pub id: usize,
    pub public_id: usize,
    pub fields: IndexMap<&'static str, Field>,
    pub filters: IndexMap<&'static str, Filter>,
    pub orders: IndexMap<String, Order>,
    /// Order of lists that ask for none: columns, and whether descending. The id always follows.
    pub default_order: Vec<(usize, bool)>,
    pub groups: Vec<Group>,
    /// What lists take for granted unless a filter speaks of it: no deprecated rows.
    pub implied: Option<(usize, Test)>,
    /// Fields of which claims are the truth, by the property of the claims.
    pub claimed: IndexMap<&'static str, &'static str>,
    /// A rule of the type's own on what is written.
    pub check: Option<super::write::Check>,
    /// Names of the interfaces it implements.
    pub interfaces: Vec<&'static str>,
}

/// Internal ids carry their type, so that a reference to any record needs no lookup of what it refers to.
const NUMBER_BITS: u32 = 48;

impl Def {
    /// The internal id of the type's record with this number.
    pub fn internal_id(&self, number: i64) -> i64 {
        (i64::from(self.code) << NUMBER_BITS) | number
    }

    /// Least and greatest internal id that the type can have.
    pub fn id_range(&self) -> (i64, i64) {
        (self.internal_id(0), self.internal_id((1 << NUMBER_BITS) - 1))
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    pub fn is_described(&self) -> bool {
        self.column("names").is_some()
    }

    pub fn is_citable(&self) -> bool {
        self.column("modality").is_some()
    }
}

impl std::fmt::Debug for Def {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Number of the type that an internal id belongs to.
pub fn type_code(id: i64) -> u16 {
    u16::try_from(id >> NUMBER_BITS).unwrap_or_default()
}

/// The definition of `T`, made on first use and kept for ever.
pub fn def<T: Record>() -> &'static Def {
    static DEFS: OnceLock<RwLock<HashMap<TypeId, &'static Def>>> = OnceLock::new();
    let defs = DEFS.get_or_init(RwLock::default);
    if let Some(def) = defs.read().unwrap_or_else(|e| e.into_inner()).get(&TypeId::of::<T>()) {
        return def;
    }
    let mut d = Define::<T>::new();
    T::define(&mut d);
    let made: &'static Def = Box::leak(Box::new(d.finish()));
    defs.write().unwrap_or_else(|e| e.into_inner()).entry(TypeId::of::<T>()).or_insert(made)
}

type ColumnOf<T> = <<T as Record>::Entity as EntityTrait>::Column;

/// A definition in the making. A mistake in one (a field twice, a column that is not there) panics at start, never later.
pub struct Define<T: Record> {
    def: Def,
    record: PhantomData<fn() -> T>,
}

impl<T: Record> Define<T> {
    fn new() -> Self {
        let columns: Vec<Column> = ColumnOf::<T>::iter()
            .map(|column| Column {
                name: column.as_str().to_owned(),
                kind: Kind::of(column.def().get_column_type()),
                nullable: column.def().is_null(),
                expression: None,
            })
            .collect();
        let key = <T::Entity as EntityTrait>::PrimaryKey::iter().next().expect("a record has a key").into_column();
        let place = |name: &str| columns.iter().position(|c| c.name == name).expect("a record has ids");
        let (id, public_id) = (place(key.as_str()), place("public_id"));
        let def = Def {
            name: T::NAME,
            one: T::ONE,
            many: T::MANY,
            about: T::ABOUT,
            code: T::CODE,
            prefix: T::PREFIX,
            table: T::Entity::default().table_name().to_owned(),
            columns,
            id,
            public_id,
            fields: IndexMap::new(),
            filters: IndexMap::new(),
            orders: IndexMap::new(),
            default_order: Vec::new(),
            groups: Vec::new(),
            implied: None,
            claimed: IndexMap::new(),
            check: None,
            interfaces: vec!["Node", "Record"],
        };
        Define { def, record: PhantomData }
    }

    fn finish(self) -> Def {
        assert!(self.def.columns.len() <= 128, "{} has more columns than a mask has bits", self.def.name);
        self.def
    }

    /// The definition so far, for what no method below covers.
    pub fn def(&mut self) -> &mut Def {
        &mut self.def
    }

    /// Where a column of the entity is in the definition.
    pub fn place(&self, column: impl IdenStatic) -> usize {
        self.named(column.as_str())
    }

    /// Where the column of this name is; for columns that several entities share.
    pub fn named(&self, name: &str) -> usize {
        let name_of_type = self.def.name;
        self.def.column(name).unwrap_or_else(|| panic!("{name_of_type} has no column {name}"))
    }

    /// A column that is computed when it is read; `{t}` in the SQL is the table's alias.
    pub fn expression(&mut self, name: &str, kind: Kind, sql: &str) -> usize {
        assert!(self.def.column(name).is_none(), "{} has a column {name} already", self.def.name);
        self.def.columns.push(Column {
            name: name.to_owned(),
            kind,
            nullable: true,
            expression: Some(sql.to_owned()),
        });
        self.def.columns.len() - 1
    }

    pub fn add(&mut self, name: &'static str, field: Field) {
        let twice = self.def.fields.insert(name, field).is_some();
        assert!(!twice, "{}.{name} is defined twice", self.def.name);
    }

    /// A column as it is: the field has its name in camel case and its type.
    pub fn plain(&mut self, column: ColumnOf<T>, about: &'static str) -> Entry<'_> {
        let name = Box::leak(camel(column.as_str()).into_boxed_str());
        let column = self.place(column);
        self.scalar(name, column, about)
    }

    /// As [`Define::plain`], under another name, or of an expression.
    pub fn scalar(&mut self, name: &'static str, column: usize, about: &'static str) -> Entry<'_> {
        let Column { kind, nullable, expression, .. } = &self.def.columns[column];
        let (ty, plan): (&str, PlanValue) = match kind {
            Kind::Int => ("Int", super::scalar::int),
            Kind::Float => ("Float", super::scalar::float),
            Kind::Bool => ("Boolean", super::scalar::bool),
            Kind::Text | Kind::Json => ("String", super::scalar::string),
        };
        let store = expression.is_none().then_some(Store::Scalar(column));
        let ty = format!("{ty}{}", if *nullable { "" } else { "!" });
        let shape = Shape::Value { columns: vec![column], plan };
        self.add(name, Field { about, ty, arguments: vec![], shape, store });
        let kind = match self.def.columns[column].kind {
            Kind::Int => FilterKind::Int(column),
            Kind::Float => FilterKind::Float(column),
            Kind::Bool => FilterKind::Bool(column),
            Kind::Text | Kind::Json => FilterKind::String { column, folded: None },
        };
        Entry { def: &mut self.def, name, about, filter: kind, order: OrderOn::Column(column) }
    }

    /// A text column that holds one of an enum's values.
    pub fn choice(
        &mut self,
        name: &'static str,
        column: ColumnOf<T>,
        of: &'static super::schema::EnumType,
        about: &'static str,
    ) -> Entry<'_> {
        let column = self.place(column);
        self.choice_at(name, column, of, about)
    }

    /// As [`Define::choice`], by the place of the column.
    pub fn choice_at(
        &mut self,
        name: &'static str,
        column: usize,
        of: &'static super::schema::EnumType,
        about: &'static str,
    ) -> Entry<'_> {
        let ty = format!("{}{}", of.name, if self.def.columns[column].nullable { "" } else { "!" });
        let shape = Shape::Value { columns: vec![column], plan: super::scalar::string };
        self.add(name, Field { about, ty, arguments: vec![], shape, store: Some(Store::Choice(column, of)) });
        let filter = FilterKind::Choice { column, of };
        Entry { def: &mut self.def, name, about, filter, order: OrderOn::Column(column) }
    }

    /// A value made of own columns; `ty` is its type in GraphQL's syntax.
    pub fn value(
        &mut self,
        name: &'static str,
        ty: impl Into<String>,
        columns: &[usize],
        plan: PlanValue,
        about: &'static str,
    ) -> ValueEntry<'_> {
        let shape = Shape::Value { columns: columns.to_vec(), plan };
        self.add(name, Field { about, ty: ty.into(), arguments: vec![], shape, store: None });
        ValueEntry { def: &mut self.def, name, about }
    }

    /// A value that is one of several object types, by the text of a column.
    pub fn variants(&mut self, name: &'static str, ty: &'static str, tag: ColumnOf<T>, about: &'static str) {
        let tag = self.place(tag);
        let shape = Shape::Variants { tag, variants: vec![] };
        self.add(name, Field { about, ty: format!("{ty}!"), arguments: vec![], shape, store: None });
    }

    /// An object type of the value `field`; its fields are defined as those of a record are.
    pub fn variant(
        &mut self,
        field: &'static str,
        tag: &'static str,
        name: &'static str,
        about: &'static str,
        define: impl FnOnce(&mut Self),
    ) {
        let outer = std::mem::take(&mut self.def.fields);
        define(self);
        let fields = std::mem::replace(&mut self.def.fields, outer);
        match &mut self.def.fields[field].shape {
            Shape::Variants { variants, .. } => variants.push(Variant { tag, name, about, fields }),
            _ => panic!("{}.{field} has no variants", self.def.name),
        }
    }

    /// The record that a column points to. The entity's relations must say so too.
    pub fn one<U: Record>(&mut self, name: &'static str, column: ColumnOf<T>, about: &'static str) -> Entry<'_> {
        let target = U::Entity::default().table_name().to_owned();
        let declared = <T::Entity as EntityTrait>::Relation::iter().any(|relation| {
            let relation = relation.def();
            matches!(relation.rel_type, RelationType::HasOne)
                && relation.from_col.iter().any(|it| it.to_string() == column.as_str())
                && relation.to_tbl.sea_orm_table().to_string() == target
        });
        assert!(declared, "the entity of {} has no relation from {} to {target}", T::NAME, column.as_str());
        let place = self.place(column);
        self.one_by::<U>(name, place, about)
    }

    /// As [`Define::one`], by the place of the column, which can be an expression.
    pub fn one_by<U: Record>(&mut self, name: &'static str, column: usize, about: &'static str) -> Entry<'_> {
        let store = self.def.columns[column].expression.is_none().then_some(Store::One { column, target: Target::Record(def::<U>) });
        let shape = Shape::One(One { column, target: Target::Record(def::<U>) });
        self.add(name, Field { about, ty: U::NAME.to_owned(), arguments: vec![], shape, store });
        let filter = FilterKind::One { column, target: def::<U> };
        Entry { def: &mut self.def, name, about, filter, order: OrderOn::Column(column) }
    }

    /// The record of one of several types that a column points to.
    pub fn any(
        &mut self,
        name: &'static str,
        column: ColumnOf<T>,
        of: &'static Abstract,
        about: &'static str,
    ) -> Entry<'_> {
        let column = self.place(column);
        self.any_at(name, column, of, about)
    }

    /// As [`Define::any`], by the place of the column.
    pub fn any_at(
        &mut self,
        name: &'static str,
        column: usize,
        of: &'static Abstract,
        about: &'static str,
    ) -> Entry<'_> {
        let shape = Shape::One(One { column, target: Target::Any(of) });
        let store = Some(Store::One { column, target: Target::Any(of) });
        self.add(name, Field { about, ty: of.name.to_owned(), arguments: vec![], shape, store });
        let filter = FilterKind::Any { column };
        Entry { def: &mut self.def, name, about, filter, order: OrderOn::Column(column) }
    }

    /// The records of `U` whose `column` points here.
    pub fn many<U: Record>(&mut self, name: &'static str, column: ColumnOf<U>, about: &'static str) -> ManyEntry<'_> {
        self.list::<U>(name, Source::Child { key: column.as_str().to_owned() }, about)
    }

    /// A list of records of `U`, from wherever `source` says.
    pub fn list<U: Record>(&mut self, name: &'static str, source: Source, about: &'static str) -> ManyEntry<'_> {
        let many = Many {
            target: def::<U>,
            from: self.def.id,
            source,
            connection: U::NAME,
            edge: None,
            scope: None,
            order: vec![],
        };
        let ty = U::NAME.to_owned();
        self.add(name, Field { about, ty, arguments: vec![], shape: Shape::Many(many), store: None });
        ManyEntry { def: &mut self.def, name, about }
    }

    /// A field that an ordinary function answers.
    pub fn resolver(&mut self, name: &'static str, ty: &'static str, about: &'static str, resolver: Resolver) {
        let field = Field { about, ty: ty.to_owned(), arguments: vec![], shape: Shape::Resolver(resolver), store: None };
        self.add(name, field);
    }

    /// The field shows the best of the claims about this property.
    pub fn claimed(&mut self, field: &'static str, property: &'static str) {
        self.def.claimed.insert(property, field);
    }

    /// A rule on what is written, beyond what each field takes.
    pub fn check(&mut self, check: super::write::Check) {
        self.def.check = Some(check);
    }

    /// A test on a column that lists take for granted, unless a filter speaks of the rank itself.
    pub fn implied(&mut self, column: usize, test: Test) {
        self.def.implied = Some((column, test));
    }

    /// Order of lists that ask for none.
    pub fn default_order(&mut self, columns: &[(usize, bool)]) {
        self.def.default_order = columns.to_vec();
    }

    /// A condition under a name of its own.
    pub fn filter(&mut self, name: &'static str, kind: FilterKind, about: &'static str) {
        self.def.filters.insert(name, Filter { about, kind });
    }

    /// A key of orders that is no field.
    pub fn order(&mut self, name: &str, on: OrderOn, about: &'static str) {
        self.def.orders.insert(name.to_owned(), Order { about, on });
    }

    /// A key to count by: a record that `column` points to.
    pub fn group<U: Record>(&mut self, key: &'static str, field: &'static str, column: usize, about: &'static str) {
        self.def.groups.push(Group { key, field, about, column, target: Some(def::<U>) });
    }

    /// A key to count by: a number.
    pub fn group_number(&mut self, key: &'static str, field: &'static str, column: usize, about: &'static str) {
        self.def.groups.push(Group { key, field, about, column, target: None });
    }
}

/// A field just defined, to be made a condition or an order of lists.
pub struct Entry<'d> {
    def: &'d mut Def,
    name: &'static str,
    about: &'static str,
    filter: FilterKind,
    order: OrderOn,
}

impl Entry<'_> {
    /// Lists can be filtered by it.
    pub fn filter(self) -> Self {
        self.def.filters.insert(self.name, Filter { about: self.about, kind: self.filter.clone() });
        self
    }

    /// Lists can be filtered by it, case and marks aside by a column that holds the folded text.
    pub fn filter_folded(mut self, by: impl IdenStatic) -> Self {
        let folded = self.def.column(by.as_str());
        assert!(folded.is_some(), "{} has no column {}", self.def.name, by.as_str());
        if let FilterKind::String { folded: place, .. } = &mut self.filter {
            *place = folded;
        }
        self.filter()
    }

    /// Lists can be ordered by it.
    pub fn order(self) -> Self {
        self.def.orders.insert(upper(self.name), Order { about: self.about, on: self.order });
        self
    }

    /// A value of the field never goes into a record from outside.
    pub fn derived(self) -> Self {
        self.def.fields[self.name].store = None;
        self
    }

    /// A value of the field becomes more cells than its own.
    pub fn stored_as(self, store: Store) -> Self {
        self.def.fields[self.name].store = Some(store);
        self
    }

    /// The field is typed otherwise than its column says.
    pub fn typed(self, ty: &'static str) -> Self {
        let required = if self.def.fields[self.name].ty.ends_with('!') { "!" } else { "" };
        self.def.fields[self.name].ty = format!("{ty}{required}");
        self
    }
}

/// A value field just defined.
pub struct ValueEntry<'d> {
    def: &'d mut Def,
    name: &'static str,
    about: &'static str,
}

impl ValueEntry<'_> {
    pub fn arguments(self, arguments: &[Argument]) -> Self {
        self.def.fields[self.name].arguments = arguments.to_vec();
        self
    }

    pub fn store(self, store: Store) -> Self {
        self.def.fields[self.name].store = Some(store);
        self
    }

    pub fn filter(self, kind: FilterKind) -> Self {
        self.def.filters.insert(self.name, Filter { about: self.about, kind });
        self
    }

    pub fn order(self, on: OrderOn) -> Self {
        self.def.orders.insert(upper(self.name), Order { about: self.about, on });
        self
    }
}

/// A list field just defined.
pub struct ManyEntry<'d> {
    def: &'d mut Def,
    name: &'static str,
    about: &'static str,
}

impl ManyEntry<'_> {
    /// The list, to be changed.
    pub fn many(&mut self) -> &mut Many {
        match &mut self.def.fields[self.name].shape {
            Shape::Many(many) => many,
            _ => unreachable!("made from a list field"),
        }
    }

    /// Lists of this type can be filtered by the list's records.
    pub fn filter(self) -> Self {
        let kind = FilterKind::Many { field: self.name };
        self.def.filters.insert(self.name, Filter { about: self.about, kind });
        self
    }

    /// Arguments of its own, and what they mean.
    pub fn scoped(mut self, arguments: &[Argument], scope: super::relation::PlanScope) -> Self {
        self.many().scope = Some(scope);
        self.def.fields[self.name].arguments = arguments.to_vec();
        self
    }

    /// A field of the list's edges.
    pub fn edge(mut self, edge: super::relation::EdgeField) -> Self {
        self.many().edge = Some(edge);
        self
    }

    /// Connection and edge types of its own, not those of all lists of the type.
    pub fn connection(mut self, name: &'static str) -> Self {
        self.many().connection = name;
        self
    }
}

/// `start_date` as GraphQL writes it: `startDate`.
pub fn camel(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    let mut up = false;
    for c in snake.chars() {
        match c {
            '_' => up = true,
            c if up => {
                out.push(c.to_ascii_uppercase());
                up = false;
            }
            c => out.push(c),
        }
    }
    out
}

/// `startDate` as an enum value: `START_DATE`.
pub fn upper(camel: &str) -> String {
    let mut out = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}
