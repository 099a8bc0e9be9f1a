//! What the gate has to know of the schema: which values the types of its inputs take, and which fields its objects have,
//! with their arguments.
use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    indexmap::{IndexMap, IndexSet},
    parser::{
        self, parse_schema,
        types::{
            BaseType, FieldDefinition, InputValueDefinition, OperationType, SchemaDefinition, Type,
            TypeDefinition, TypeKind, TypeSystemDefinition,
        },
    },
};

use crate::record::price::{Price, Prices};

pub struct Types {
    inputs: HashMap<Name, Input>,
    /// What it costs to write what input objects say.
    points: HashMap<Name, u64>,
    /// Objects and interfaces.
    objects: HashMap<Name, HashMap<Name, Field>>,
    /// The objects that interfaces and unions stand for.
    abstracts: HashMap<Name, IndexSet<Name>>,
    /// Seconds that what was read of an object may be kept.
    ages: HashMap<Name, u32>,
    /// Objects that tell of who asks.
    personal: HashSet<Name>,
    /// Arguments of directives.
    directives: HashMap<Name, Arguments>,
    /// Names of the types of queries, mutations and subscriptions.
    roots: [Name; 3],
}

/// A type of an input.
pub(super) enum Input {
    Int,
    Float,
    String,
    Boolean,
    Id,
    /// A scalar of ours: a string, whose characters the field looks at.
    Scalar,
    /// Whatever there is; the field looks at it.
    Any,
    Enum(IndexSet<Name>),
    Object {
        fields: IndexMap<Name, Place>,
        /// Those that must be given.
        required: Vec<Name>,
        one_of: bool,
    },
}

/// A field of an object or interface.
pub(super) struct Field {
    pub ty: Type,
    pub arguments: Arguments,
    /// Nothing for a field that comes with its object.
    pub price: Option<Price>,
}

pub(super) type Arguments = HashMap<Name, Place>;

/// Where a value can be given: an argument, or a field of an input.
pub(super) struct Place {
    pub ty: Type,
    pub has_default: bool,
}

impl Place {
    fn new(definition: InputValueDefinition) -> (Name, Self) {
        let has_default = definition.default_value.is_some();
        (definition.name.node, Place { ty: definition.ty.node, has_default })
    }

    fn is_required(&self) -> bool {
        !self.ty.nullable && !self.has_default
    }
}

impl Types {
    /// From the SDL of a schema.
    pub fn new(sdl: &str, prices: &Prices) -> Result<Self, parser::Error> {
        let builtin = [
            ("Int", Input::Int),
            ("Float", Input::Float),
            ("String", Input::String),
            ("Boolean", Input::Boolean),
            ("ID", Input::Id),
            // By the specification of Apollo Federation.
            ("_Any", Input::Any),
            ("JSON", Input::Any),
        ];
        let mut types = Types {
            inputs: builtin.into_iter().map(|(name, input)| (Name::new(name), input)).collect(),
            points: HashMap::new(),
            objects: HashMap::new(),
            abstracts: HashMap::new(),
            ages: HashMap::new(),
            personal: HashSet::new(),
            directives: HashMap::new(),
            roots: ["Query", "Mutation", "Subscription"].map(Name::new),
        };
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => types.name_roots(schema.node),
                TypeSystemDefinition::Type(ty) => types.take(ty.node, prices),
                TypeSystemDefinition::Directive(directive) => {
                    let directive = directive.node;
                    types.directives.insert(directive.name.node, arguments(directive.arguments));
                }
            }
        }
        Ok(types)
    }

    fn name_roots(&mut self, schema: SchemaDefinition) {
        let given = [schema.query, schema.mutation, schema.subscription];
        for (name, given) in self.roots.iter_mut().zip(given) {
            if let Some(given) = given {
                *name = given.node;
            }
        }
    }

    fn take(&mut self, ty: TypeDefinition, prices: &Prices) {
        let name = ty.name.node;
        match ty.kind {
            TypeKind::Scalar => {
                self.inputs.entry(name).or_insert(Input::Scalar);
            }
            TypeKind::Enum(it) => {
                let values = it.values.into_iter().map(|value| value.node.value.node);
                self.inputs.insert(name, Input::Enum(values.collect()));
            }
            TypeKind::InputObject(it) => {
                let one_of = ty.directives.iter().any(|it| it.node.name.node == "oneOf");
                let fields = it.fields.into_iter().map(|field| Place::new(field.node));
                let fields: IndexMap<Name, Place> = fields.collect();
                let required = fields.iter().filter(|(_, place)| place.is_required());
                let required = required.map(|(name, _)| name.clone()).collect();
                self.points.insert(name.clone(), prices.of_input(&name));
                self.inputs.insert(name, Input::Object { fields, required, one_of });
            }
            TypeKind::Object(it) => {
                for interface in it.implements {
                    self.abstracts.entry(interface.node).or_default().insert(name.clone());
                }
                if prices.is_personal(&name) {
                    self.personal.insert(name.clone());
                }
                if let Some(age) = prices.max_age(&name) {
                    self.ages.insert(name.clone(), age);
                }
                let fields = fields(it.fields, &name, prices);
                self.objects.insert(name, fields);
            }
            TypeKind::Interface(it) => {
                // Its fields have their prices where they are an object's.
                let fields = fields(it.fields, &name, &Prices::default());
                self.objects.insert(name, fields);
            }
            TypeKind::Union(it) => {
                let members = it.members.into_iter().map(|member| member.node);
                self.abstracts.insert(name, members.collect());
            }
        }
    }

    pub(super) fn input(&self, name: &Name) -> Option<&Input> {
        self.inputs.get(name)
    }

    /// What it costs to write what a value of an input type says, beside what is in it.
    pub(super) fn points(&self, name: &Name) -> u64 {
        self.points.get(name).copied().unwrap_or_default()
    }

    /// A field of an object or interface; `None` is not the schema's, or part of introspection.
    pub(super) fn field(&self, on: &Name, name: &Name) -> Option<&Field> {
        self.objects.get(on)?.get(name)
    }

    /// The objects that an interface or union stands for; `None` for what is neither.
    pub(super) fn objects_of(&self, name: &Name) -> Option<&IndexSet<Name>> {
        self.abstracts.get(name)
    }

    /// Whether a fragment on `condition` is taken by an object.
    pub(super) fn is_a(&self, object: &Name, condition: &Name) -> bool {
        object == condition || self.objects_of(condition).is_some_and(|of| of.contains(object))
    }

    pub(super) fn max_age(&self, object: &Name) -> Option<u32> {
        self.ages.get(object).copied()
    }

    pub(super) fn is_personal(&self, object: &Name) -> bool {
        self.personal.contains(object)
    }

    /// Whether a value of this type is one value, and not a whole of many.
    pub(super) fn is_short(&self, name: &Name) -> bool {
        !matches!(self.input(name), None | Some(Input::Any | Input::Object { .. }))
    }

    /// Types that the schema tells of.
    pub(super) fn len(&self) -> usize {
        self.objects.len() + self.inputs.len()
    }

    pub(super) fn directive(&self, name: &Name) -> Option<&Arguments> {
        self.directives.get(name)
    }

    /// The type that an operation begins at.
    pub(super) fn root(&self, ty: OperationType) -> &Name {
        let [query, mutation, subscription] = &self.roots;
        match ty {
            OperationType::Query => query,
            OperationType::Mutation => mutation,
            OperationType::Subscription => subscription,
        }
    }

    pub(super) fn has_root(&self, ty: OperationType) -> bool {
        self.objects.contains_key(self.root(ty))
    }

    /// Whether a root field may be null. One that the schema does not have is never run.
    pub(super) fn is_root_nullable(&self, ty: OperationType, name: &Name) -> bool {
        match name.as_str() {
            "__typename" | "__schema" => false,
            "__type" => true,
            _ => self.field(self.root(ty), name).is_none_or(|field| field.ty.nullable),
        }
    }
}

fn fields(
    fields: Vec<Positioned<FieldDefinition>>,
    on: &Name,
    prices: &Prices,
) -> HashMap<Name, Field> {
    let field = |field: Positioned<FieldDefinition>| {
        let FieldDefinition { name, ty, arguments: taken, .. } = field.node;
        let price = prices.of(on, &name.node);
        (name.node, Field { ty: ty.node, arguments: arguments(taken), price })
    };
    fields.into_iter().map(field).collect()
}

fn arguments(arguments: Vec<Positioned<InputValueDefinition>>) -> Arguments {
    arguments.into_iter().map(|argument| Place::new(argument.node)).collect()
}

/// The name of a type without its lists.
pub(super) fn name(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(ty) => name(ty),
    }
}
