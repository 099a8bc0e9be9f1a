//! What can still be said of a field once it is defined: conditions and orders of lists, how it is stored, its edges.
use sea_orm::IdenStatic;

use super::{
    def::{Argument, Def, Filter, Order, OrderOn, Shape, upper},
    filter::FilterKind,
    relation::{Abstract, EdgeField, Many, One, PlanScope, Target},
    write::{Store, WriteValue, web_address},
};

/// A field just defined, to be made a condition or an order of lists.
pub struct Entry<'d> {
    pub(super) def: &'d mut Def,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) filter: FilterKind,
    pub(super) order: OrderOn,
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

    /// It is the address of a page.
    pub fn web_address(self) -> Self {
        self.typed("URL").checked(web_address)
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
    pub(super) def: &'d mut Def,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
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
    pub(super) def: &'d mut Def,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
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

    /// The list has one record or none, and shows it without a list around it.
    pub fn single(mut self) -> Self {
        self.many().plain = true;
        self.many().single = true;
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
