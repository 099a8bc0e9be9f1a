//! What the gate has to know of the schema: which inputs its types take, and which fields of the roots are never null.
use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name,
    parser::{
        self, parse_schema,
        types::{OperationType, Type, TypeKind, TypeSystemDefinition},
    },
};

pub(super) struct Types {
    inputs: HashMap<Name, Input>,
    /// Fields of the roots by their operation; true if the field may be null.
    roots: HashMap<(OperationKind, Name), bool>,
}

type OperationKind = &'static str;

/// A type of an input.
pub(super) enum Input {
    Int,
    Float,
    String,
    Boolean,
    Id,
    /// A scalar of ours: a string, whose characters the field looks at.
    Scalar,
    Enum(HashSet<Name>),
    Object {
        fields: HashMap<Name, Field>,
        one_of: bool,
    },
}

pub(super) struct Field {
    pub ty: Type,
    pub has_default: bool,
}

impl Types {
    pub(super) fn new(sdl: &str) -> Result<Self, parser::Error> {
        let builtin = [
            ("Int", Input::Int),
            ("Float", Input::Float),
            ("String", Input::String),
            ("Boolean", Input::Boolean),
            ("ID", Input::Id),
        ];
        let inputs = builtin.into_iter().map(|(name, input)| (Name::new(name), input)).collect();
        let mut types = Types { inputs, roots: HashMap::new() };

        let definitions = parse_schema(sdl)?.definitions;
        let mut names = [
            ("query", Name::new("Query")),
            ("mutation", Name::new("Mutation")),
            ("subscription", Name::new("Subscription")),
        ];
        for definition in &definitions {
            if let TypeSystemDefinition::Schema(schema) = definition {
                let given = [&schema.node.query, &schema.node.mutation, &schema.node.subscription];
                for ((_, name), given) in names.iter_mut().zip(given) {
                    if let Some(given) = given {
                        *name = given.node.clone();
                    }
                }
            }
        }
        for definition in definitions {
            let TypeSystemDefinition::Type(ty) = definition else { continue };
            let ty = ty.node;
            let name = ty.name.node;
            match ty.kind {
                TypeKind::Scalar => {
                    types.inputs.entry(name).or_insert(Input::Scalar);
                }
                TypeKind::Enum(it) => {
                    let values = it.values.into_iter().map(|value| value.node.value.node);
                    types.inputs.insert(name, Input::Enum(values.collect()));
                }
                TypeKind::InputObject(it) => {
                    let one_of = ty.directives.iter().any(|it| it.node.name.node == "oneOf");
                    let fields = it.fields.into_iter().map(|field| {
                        let field = field.node;
                        let has_default = field.default_value.is_some();
                        (field.name.node, Field { ty: field.ty.node, has_default })
                    });
                    let fields = fields.collect();
                    types.inputs.insert(name, Input::Object { fields, one_of });
                }
                TypeKind::Object(it) => {
                    let Some((kind, _)) = names.iter().find(|(_, root)| *root == name) else {
                        continue;
                    };
                    for field in it.fields {
                        let field = field.node;
                        types.roots.insert((*kind, field.name.node), field.ty.node.nullable);
                    }
                }
                TypeKind::Interface(_) | TypeKind::Union(_) => {}
            }
        }
        Ok(types)
    }

    pub(super) fn input(&self, name: &Name) -> Option<&Input> {
        self.inputs.get(name)
    }

    /// Whether a root field may be null. One that the schema does not have is never run.
    pub(super) fn is_root_nullable(&self, ty: OperationType, name: &Name) -> bool {
        let kind = match ty {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        };
        match name.as_str() {
            "__typename" | "__schema" | "_service" => false,
            "__type" => true,
            _ => self.roots.get(&(kind, name.clone())).copied().unwrap_or(true),
        }
    }
}
