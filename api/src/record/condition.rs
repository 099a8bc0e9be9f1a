//! Values of arguments, and `@skip` and `@include`, with the variables put in.
use async_graphql::{Positioned, Value, Variables, parser::types::Directive};

/// The value of an argument; `None` where a variable is not given and has no default.
pub fn constant(value: &async_graphql_value::Value, variables: &Variables) -> Option<Value> {
    value.clone().into_const_with(|name| variables.get(&name).cloned().ok_or(())).ok()
}

/// Whether a selection with these directives is taken.
pub fn is_taken(directives: &[Positioned<Directive>], variables: &Variables) -> bool {
    directives.iter().all(|directive| {
        let condition =
            directive.node.get_argument("if").and_then(|value| constant(&value.node, variables));
        match directive.node.name.node.as_str() {
            "skip" => condition != Some(Value::Boolean(true)),
            "include" => condition == Some(Value::Boolean(true)),
            _ => true,
        }
    })
}
