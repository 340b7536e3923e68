//! A schema file, parsed.

use std::sync::Arc;

use crate::tape::Tape;
use crate::workspace::SourceId;

/// One schema file.
#[derive(Debug)]
pub struct Document {
    /// The file.
    pub source: SourceId,
    /// The schema as data.
    pub json: Arc<serde_json::Value>,
    /// The schema with the places where it is written.
    pub tape: Arc<Tape>,
}
