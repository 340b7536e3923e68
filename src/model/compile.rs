//! JSON Schema documents to a model.
use super::Model;
/// Stub.
pub fn compile() -> Option<Model> { None }
