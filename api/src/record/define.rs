//! The words in which a record type is defined.
use std::{collections::HashMap, marker::PhantomData};

use indexmap::IndexMap;
use sea_orm::{
    ColumnTrait, EntityName, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn, RelationTrait,
    RelationType,
};

use super::{
    catalog,
    cell::Kind,
    def::{
        Alone, Column, Def, Expression, Field, Filter, Group, GroupOn, NUMBER_BITS, Order, OrderOn,
        PlanValue, Record, Searched, Shape, Unique, Variant, camel, def,
    },
    entry::{Entry, ManyEntry, ValueEntry},
    filter::FilterKind,
    pred::Test,
    relation::{Abstract, Many, One, Resolver, Target},
    scalar,
    shape::EnumType,
    source::Source,
    write::{Check, Checked, Rule, Store},
};
use crate::auth::Scope;

type ColumnOf<T> = <<T as Record>::Entity as EntityTrait>::Column;

/// A definition in the making. A mistake in one (a field twice, a column that is not there) panics at start, never later.
pub struct Define<T: Record> {
    def: Def,
    record: PhantomData<fn() -> T>,
}

impl<T: Record> Define<T> {
    /// The finished definition.
    pub(super) fn made() -> Def {
        let mut d = Define::<T>::new();
        T::define(&mut d);
        d.finish()
    }

    fn new() -> Self {
        let columns: Vec<Column> = ColumnOf::<T>::iter()
            .map(|column| Column {
                name: column.as_str().to_owned(),
                kind: Kind::of(column.def().get_column_type()),
                nullable: column.def().is_null(),
                expression: None,
            })
            .collect();
        let key = <T::Entity as EntityTrait>::PrimaryKey::iter()
            .next()
            .expect("a record has a key")
            .into_column();
        let place =
            |name: &str| columns.iter().position(|c| c.name == name).expect("a record has an id");
        let id = place(key.as_str());
        // Parts of a record have no id that the world sees.
        let public_id = columns.iter().position(|c| c.name == "public_id").unwrap_or(id);
        let def = Def {
            name: T::NAME,
            one: T::ONE,
            many: T::MANY,
            about: T::ABOUT,
            code: T::CODE,
            prefix: T::PREFIX,
            max_age: T::MAX_AGE,
            table: T::Entity::default().table_name().to_owned(),
            columns,
            id,
            public_id,
            fields: IndexMap::new(),
            filters: IndexMap::new(),
            orders: IndexMap::new(),
            default_order: Vec::new(),
            groups: Vec::new(),
            uniques: Vec::new(),
            alone: None,
            keys: IndexMap::new(),
            words: Vec::new(),
            implied: None,
            claimed: IndexMap::new(),
            rule: None,
            check: None,
            interfaces: vec!["Node", "Record"],
            is_listed: true,
            guarded: HashMap::new(),
            full_texts: Vec::new(),
            searched: None,
            tells_of: Vec::new(),
        };
        Define { def, record: PhantomData }
    }

    fn finish(self) -> Def {
        assert!(
            self.def.columns.len() <= 128,
            "{} has more columns than a mask has bits",
            self.def.name
        );
        for field in &self.def.tells_of {
            assert!(self.def.fields.contains_key(field), "{} has no {field}", self.def.name);
        }
        self.def
    }

    /// The type is a view, not a record: it implements no interface.
    pub fn view(&mut self) {
        self.def.interfaces.clear();
    }

    /// The definition so far, for what no method below covers.
    pub fn def(&mut self) -> &mut Def {
        &mut self.def
    }

    /// How its records are found by texts.
    pub fn searched(&mut self, searched: Searched) {
        self.def.searched = Some(searched);
    }

    /// The records of these fields are found by what this one says too: they are looked at again with it.
    pub fn tells_of(&mut self, fields: &[&'static str]) {
        self.def.tells_of = fields.to_vec();
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
        let sql = sql.to_owned();
        self.expression_of(name, kind, Box::new(move || sql))
    }

    fn expression_of(
        &mut self,
        name: &str,
        kind: Kind,
        sql: Box<dyn FnOnce() -> String + Send>,
    ) -> usize {
        assert!(self.def.column(name).is_none(), "{} has a column {name} already", self.def.name);
        self.def.columns.push(Column {
            name: name.to_owned(),
            kind,
            nullable: true,
            expression: Some(Expression::new(sql)),
        });
        self.def.columns.len() - 1
    }

    /// The names of the record of any type that a column points to, as they are stored.
    pub fn names_of(&mut self, name: &str, column: usize) -> usize {
        let column = self.def.columns[column].name.clone();
        let sql = move || {
            let id = format!("{{t}}.{column}");
            let mut sql = format!("CASE {id} >> {NUMBER_BITS}");
            for def in catalog().defs().iter().filter(|def| def.is_described()) {
                let (code, table) = (def.code, &def.table);
                sql +=
                    &format!(" WHEN {code} THEN (SELECT n.names FROM {table} n WHERE n.id = {id})");
            }
            sql + " END"
        };
        self.expression_of(name, Kind::Json, Box::new(sql))
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
            Kind::Int => ("Int", scalar::int),
            Kind::Float => ("Float", scalar::float),
            Kind::Bool => ("Boolean", scalar::bool),
            Kind::Text | Kind::Json => ("String", scalar::string),
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
        of: &'static EnumType,
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
        of: &'static EnumType,
        about: &'static str,
    ) -> Entry<'_> {
        let ty = format!("{}{}", of.name, if self.def.columns[column].nullable { "" } else { "!" });
        let shape = Shape::Value { columns: vec![column], plan: scalar::string };
        self.add(
            name,
            Field { about, ty, arguments: vec![], shape, store: Some(Store::Choice(column, of)) },
        );
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
    pub fn variants(
        &mut self,
        name: &'static str,
        ty: &'static str,
        tag: usize,
        about: &'static str,
    ) {
        let shape = Shape::Variants { tag, variants: vec![] };
        self.add(
            name,
            Field { about, ty: format!("{ty}!"), arguments: vec![], shape, store: None },
        );
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
    pub fn one<U: Record>(
        &mut self,
        name: &'static str,
        column: ColumnOf<T>,
        about: &'static str,
    ) -> Entry<'_> {
        let target = U::Entity::default().table_name().to_owned();
        let declared = <T::Entity as EntityTrait>::Relation::iter().any(|relation| {
            let relation = relation.def();
            matches!(relation.rel_type, RelationType::HasOne)
                && relation.from_col.iter().any(|it| it.to_string() == column.as_str())
                && relation.to_tbl.sea_orm_table().to_string() == target
        });
        assert!(
            declared,
            "the entity of {} has no relation from {} to {target}",
            T::NAME,
            column.as_str()
        );
        let place = self.place(column);
        self.one_by::<U>(name, place, about)
    }

    /// As [`Define::one`], by the place of the column, which can be an expression.
    pub fn one_by<U: Record>(
        &mut self,
        name: &'static str,
        column: usize,
        about: &'static str,
    ) -> Entry<'_> {
        let store = self.def.columns[column]
            .expression
            .is_none()
            .then_some(Store::One { column, target: Target::Record(def::<U>) });
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
    pub fn many<U: Record>(
        &mut self,
        name: &'static str,
        column: ColumnOf<U>,
        about: &'static str,
    ) -> ManyEntry<'_> {
        self.list::<U>(name, Source::Child { key: column.as_str().to_owned() }, about)
    }

    /// Rows of `U` that are parts of the record, written with it and shown whole; their `owner` holds its id.
    pub fn parts<U: Record>(
        &mut self,
        name: &'static str,
        owner: ColumnOf<U>,
        about: &'static str,
    ) {
        let place = def::<U>().column(owner.as_str());
        let place = place.unwrap_or_else(|| panic!("{} has no owner", U::NAME));
        self.many::<U>(name, owner, about).plain();
        self.def.fields[name].store = Some(Store::Parts { def: def::<U>, owner: place });
    }

    /// A list of records of `U`, from wherever `source` says.
    pub fn list<U: Record>(
        &mut self,
        name: &'static str,
        source: Source,
        about: &'static str,
    ) -> ManyEntry<'_> {
        let many = Many {
            target: def::<U>,
            from: self.def.id,
            source,
            connection: U::NAME,
            edge: None,
            scope: None,
            order: vec![],
            nodes: None,
            plain: false,
            single: false,
            all_ranks: false,
        };
        let ty = U::NAME.to_owned();
        self.add(
            name,
            Field { about, ty, arguments: vec![], shape: Shape::Many(many), store: None },
        );
        ManyEntry { def: &mut self.def, name, about }
    }

    /// A field that an ordinary function answers.
    pub fn resolver(
        &mut self,
        name: &'static str,
        ty: &'static str,
        about: &'static str,
        resolver: Resolver,
    ) {
        let field = Field {
            about,
            ty: ty.to_owned(),
            arguments: vec![],
            shape: Shape::Resolver(resolver),
            store: None,
        };
        self.add(name, field);
    }

    /// Only those see the field who may do this.
    pub fn guard(&mut self, field: &'static str, scope: Scope) {
        self.def.guarded.insert(field, scope);
    }

    /// The field holds a whole text of a third party.
    pub fn full_text(&mut self, field: &'static str) {
        self.def.full_texts.push(field);
    }

    /// The field shows the best of the claims about this property.
    pub fn claimed(&mut self, field: &'static str, property: &'static str) {
        self.def.claimed.insert(property, field);
    }

    /// A rule on what is written, beyond what each field takes.
    pub fn rule(&mut self, rule: Rule) {
        self.def.rule = Some(rule);
    }

    /// A rule that looks at these fields, and at records that they refer to. It is not asked again where they are kept.
    pub fn check(&mut self, fields: &'static [&'static str], check: Check) {
        self.def.check = Some(Checked { fields, check });
    }

    /// No two records have the same values in these columns; the table has an index that holds them to it.
    pub fn unique(&mut self, field: &'static str, columns: &[ColumnOf<T>]) {
        self.unique_with(field, columns, None);
    }

    /// As [`Define::unique`], with a column more, of which no value is a value too.
    pub fn unique_or_none(
        &mut self,
        field: &'static str,
        columns: &[ColumnOf<T>],
        more: ColumnOf<T>,
    ) {
        self.unique_with(field, columns, Some(more));
    }

    /// The records are periods: of one `owner`, one holds at a time.
    pub fn alone(&mut self, owner: ColumnOf<T>, begins: ColumnOf<T>, ends: ColumnOf<T>) {
        let [owner, begins, ends] = [owner, begins, ends].map(|it| self.place(it));
        self.def.alone = Some(Alone { owner, begins, ends });
    }

    fn unique_with(
        &mut self,
        field: &'static str,
        columns: &[ColumnOf<T>],
        more: Option<ColumnOf<T>>,
    ) {
        let or_none = more.map(|column| self.place(column));
        let columns = columns.iter().map(|column| self.named(column.as_str())).collect();
        self.def.uniques.push(Unique { field, columns, or_none });
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
    pub fn group<U: Record>(
        &mut self,
        key: &'static str,
        field: &'static str,
        column: usize,
        about: &'static str,
    ) {
        let on = GroupOn::Column(column);
        self.def.groups.push(Group { key, field, about, on, target: Some(def::<U>) });
    }

    /// A key to count by: each of the records that a list of linked ones has.
    pub fn group_linked(
        &mut self,
        key: &'static str,
        field: &'static str,
        list: &'static str,
        about: &'static str,
    ) {
        let target = match self.def.fields.get(list).map(|field| &field.shape) {
            Some(Shape::Many(Many { target, source: Source::Link { .. }, .. })) => Some(*target),
            _ => panic!("{}.{list} is no list of linked records", self.def.name),
        };
        let on = GroupOn::Linked { field: list };
        self.def.groups.push(Group { key, field, about, on, target });
    }

    /// A key to count by: a number.
    pub fn group_number(
        &mut self,
        key: &'static str,
        field: &'static str,
        column: usize,
        about: &'static str,
    ) {
        let on = GroupOn::Column(column);
        self.def.groups.push(Group { key, field, about, on, target: None });
    }
}
