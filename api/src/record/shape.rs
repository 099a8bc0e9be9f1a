//! Types of the schema that are no records, as data.

/// An enum: what code branches on.
#[derive(Debug)]
pub struct EnumType {
    pub name: &'static str,
    pub about: &'static str,
    /// Values with their descriptions.
    pub values: &'static [(&'static str, &'static str)],
}

/// An input object: fields with their types and descriptions.
pub struct InputShape {
    pub name: &'static str,
    pub about: &'static str,
    pub fields: &'static [(&'static str, &'static str, &'static str)],
    /// Whether exactly one of the fields is given.
    pub one_of: bool,
    /// What it costs to write what it says, beside what is in it.
    pub points: u64,
}

impl InputShape {
    pub const fn new(
        name: &'static str,
        about: &'static str,
        fields: &'static [(&'static str, &'static str, &'static str)],
    ) -> Self {
        InputShape { name, about, fields, one_of: false, points: 0 }
    }

    /// Exactly one of the fields is given.
    pub const fn one_of(
        name: &'static str,
        about: &'static str,
        fields: &'static [(&'static str, &'static str, &'static str)],
    ) -> Self {
        InputShape { name, about, fields, one_of: true, points: 0 }
    }

    /// Writing what it says costs so much.
    #[must_use]
    pub const fn costing(mut self, points: u64) -> Self {
        self.points = points;
        self
    }
}

/// A scalar, written as a string but for [`JSON`] and what a federated graph asks by.
#[derive(Clone, Copy)]
pub struct ScalarType {
    pub name: &'static str,
    pub about: &'static str,
    pub specified_by: &'static str,
}

pub const JSON: ScalarType = ScalarType {
    name: "JSON",
    about: "Any value of JSON, as it is: an object, a list, a string, a number, true, false or null.",
    specified_by: "https://www.rfc-editor.org/rfc/rfc8259",
};
