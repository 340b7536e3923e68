//! Whether a schema is one: most are plain enough to tell without the meta-schema of JSON Schema,
//! whose many parts take longer to compile than a small dataset takes to check.

use std::sync::{Arc, LazyLock};

use serde_json::Value as Json;

use super::{Acceptor, names_of};
use crate::schema::Schemas;
use crate::tape::{Names, Value};

struct Dialect {
    acceptor: Acceptor,
    names: Arc<Names>,
}

static DIALECT: LazyLock<Dialect> = LazyLock::new(|| {
    const URI: &str = "project:///dialect.json";
    let json: Json = serde_json::from_str(include_str!("dialect.json")).expect("JSON");
    let names = Arc::new(names_of([&json]));
    let mut schemas = Schemas::default();
    let root = schemas.add(URI, Arc::new(json));
    let acceptor = Acceptor::new(&Arc::new(schemas), root, &names, true);
    Dialect { acceptor: acceptor.expect("the dialect is understood"), names }
});

/// The names that a tape must number for [`is_plain_schema`].
#[must_use]
pub fn schema_names() -> &'static Arc<Names> {
    &DIALECT.names
}

/// Whether a value is certainly a schema of JSON Schema 2020-12; false where the meta-schema must
/// be asked.
#[must_use]
pub fn is_plain_schema(value: Value<'_>) -> bool {
    DIALECT.acceptor.accepts(value)
}
