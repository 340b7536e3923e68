//! Where tables are declared.

use super::Table;
use crate::manifest::{Manifest, TableDeclaration};

/// The declaration of a table, or of the one that it is worked out from.
pub(super) fn declaration<'m>(
    table: &Table,
    tables: &[Table],
    manifest: &'m Manifest,
) -> &'m TableDeclaration {
    let declared = table.derived.map_or(table, |derived| &tables[derived.from]);
    let mut declarations = manifest.tables.iter();
    declarations.find(|it| it.name == declared.name).expect("a table is declared")
}
