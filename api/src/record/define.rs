//! The words in which a record type is defined.
use std::marker::PhantomData;

use indexmap::IndexMap;
use sea_orm::{
    ColumnTrait, EntityName, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn, RelationTrait,
    RelationType,
};

use super::{
    cell::Kind,
    def::{
        Argument, Column, Def, Field, Filter, Group, GroupOn, Order, OrderOn, PlanValue, Record,
        Shape, Unique, Variant, camel, def, upper,
    },
    filter::FilterKind,
    pred::Test,
    relation::{Abstract, EdgeField, Many, One, PlanScope, Resolver, Source, Target},
    scalar,
    shape::EnumType,
    write::{Check, Store, WriteValue},
};

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
            keys: IndexMap::new(),
            words: Vec::new(),
            implied: None,
            claimed: IndexMap::new(),
            check: None,
            interfaces: vec!["Node", "Record"],
        };
        Define { def, record: PhantomData }
    }

    fn finish(self) -> Def {
        assert!(
            self.def.columns.len() <= 128,
            "{} has more columns than a mask has bits",
            self.def.name
        );
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

    /// The field shows the best of the claims about this property.
    pub fn claimed(&mut self, field: &'static str, property: &'static str) {
        self.def.claimed.insert(property, field);
    }

    /// A rule on what is written, beyond what each field takes.
    pub fn check(&mut self, check: Check) {
        self.def.check = Some(check);
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

    /// A record is found by it; of several with the same value the oldest.
    pub fn key(self) -> Self {
        if let OrderOn::Column(column) = self.order {
            self.def.keys.insert(self.name, column);
        }
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

    /// Not every value of its kind goes into the column.
    pub fn checked(self, write: WriteValue) -> Self {
        let field = &mut self.def.fields[self.name];
        if let Some(Store::Scalar(column)) = field.store {
            field.store = Some(Store::Value { columns: vec![column], write });
        }
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
    pub fn scoped(mut self, arguments: &[Argument], scope: PlanScope) -> Self {
        self.many().scope = Some(scope);
        self.def.fields[self.name].arguments = arguments.to_vec();
        self
    }

    /// A field of the list's edges.
    pub fn edge(mut self, edge: EdgeField) -> Self {
        self.many().edge = Some(edge);
        self
    }

    /// The nodes are records of any of several types, which the rows' own id points to.
    pub fn of(self, of: &'static Abstract) -> Self {
        self.leading(of, |target| target.id)
    }

    /// The nodes are records of any of several types, which a column of the rows points to.
    pub fn leading_to(self, of: &'static Abstract, column: impl IdenStatic) -> Self {
        self.leading(of, |target| {
            target.column(column.as_str()).unwrap_or_else(|| {
                panic!("{} has no column {}", target.name, column.as_str());
            })
        })
    }

    fn leading(mut self, of: &'static Abstract, column: impl Fn(&Def) -> usize) -> Self {
        let many = self.many();
        many.nodes = Some(One { column: column((many.target)()), target: Target::Any(of) });
        many.connection = of.name;
        self
    }

    /// Order of the list, where it is not that of its rows' type.
    pub fn ordered(mut self, columns: &[(usize, bool)]) -> Self {
        self.many().order = columns.to_vec();
        self
    }

    /// The list is short and shown whole, without pages.
    pub fn plain(mut self) -> Self {
        self.many().plain = true;
        self
    }

    /// Deprecated rows show too.
    pub fn all_ranks(mut self) -> Self {
        self.many().all_ranks = true;
        self
    }

    /// Connection and edge types of its own, not those of all lists of the type.
    pub fn connection(mut self, name: &'static str) -> Self {
        self.many().connection = name;
        self
    }
}
